import type { Random } from '../../gateway/random.ts';
import { between, type Range, wholeBetween } from '../draw.ts';
import type { Effect } from '../gateway/effects.ts';
import { BENIGN, FAULT, type Situation, TIMES, TROUBLE } from '../parameters.ts';
import type { PolicyIds } from '../world/documents.ts';
import type { World } from '../world/world.ts';
import { drawBenign, drawHarmless, plannedHarmless } from './benign.ts';
import { drawFault, drawHiddenFault } from './faults.ts';
import type { FaultPlan, PlannedChange, PlannedFault, PlannedTrouble } from './plan.ts';
import { type DrawnTrouble, drawCallerTrouble, drawDisturbance, drawProviderTrouble } from './troubles.ts';

/** Everything that will happen in a window, before it is carried out. */
export interface Script {
  /** In order of time. */
  readonly changes: readonly PlannedChange[];
  readonly faults: readonly PlannedFault[];
  readonly troubles: readonly PlannedTrouble[];
  /** Of the troubles; those of the faults wait for the times in force. */
  readonly effects: readonly Effect[];
}

export interface ScriptOptions {
  readonly random: Random;
  readonly world: World;
  readonly ids: PolicyIds;
  readonly rate: number;
  readonly situation: Situation;
}

const MINUTE = 60_000;
/** Where two troubles follow each other: the first one is over when the second one begins. */
const SEQUENCE = {
  first: [18 * MINUTE, 23 * MINUTE],
  lastsMs: [5 * MINUTE, 8 * MINUTE],
  second: [33 * MINUTE, 38 * MINUTE],
};
const FIXED_EARLY: Range = [18 * MINUTE, 23 * MINUTE];
/** Causes of troubles are counted from here, so that they never meet those of faults. */
export const FIRST_TROUBLE = 100;

/** Draws the script of a situation. */
export function drawScript(options: ScriptOptions): Script {
  const { random, world, ids, rate, situation } = options;
  const faults: PlannedFault[] = [];
  const troubles: DrawnTrouble[] = [];
  const taken = new Set<string>();
  const context = { random, world, ids, rate, taken };
  const onset = (range: Range = [TIMES.onsetFrom, TIMES.onsetTo]) => between(random, range);

  const addFault = (plan: FaultPlan, at: number, more: Partial<PlannedFault> = {}) => {
    taken.add(`${plan.resource.kind}/${plan.resource.id}`);
    faults.push({ plan, at, delayMs: 0, ...more });
  };
  const maybeFixed = (at: number): Partial<PlannedFault> => {
    const fixedAt = at + between(random, FAULT.fixAfterMs);
    return random.chance(FAULT.fixed) && fixedAt < TIMES.benignTo ? { fixedAt } : {};
  };
  const errors = () => drawFault('errors', context);
  const trouble = (from = onset()) => ({ random, world, cause: FIRST_TROUBLE + troubles.length, from });

  switch (situation) {
    case 'quiet':
      break;
    case 'disturbed':
      troubles.push(drawDisturbance(trouble()));
      break;
    case 'outage':
      troubles.push(drawProviderTrouble(trouble(), 'outage'));
      break;
    case 'partial_outage':
      troubles.push(drawProviderTrouble(trouble(), 'partial'));
      break;
    case 'slow_provider':
      troubles.push(drawProviderTrouble(trouble(), 'slow'));
      break;
    case 'caller_burst':
      troubles.push(drawCallerTrouble(trouble()));
      break;
    case 'two_faults': {
      const first = onset();
      addFault(errors(), first, maybeFixed(first));
      addFault(
        random.chance(0.8) ? errors() : drawFault('slow', context),
        first + between(random, [0, FAULT.together]),
      );
      break;
    }
    case 'sequence': {
      const first = onset(SEQUENCE.first as unknown as Range);
      addFault(errors(), first, { fixedAt: first + between(random, SEQUENCE.lastsMs as unknown as Range) });
      const second = onset(SEQUENCE.second as unknown as Range);
      if (random.chance(0.5)) addFault(errors(), second);
      else troubles.push(drawProviderTrouble(trouble(second), 'outage'));
      break;
    }
    case 'hidden': {
      const at = onset();
      addFault(drawHiddenFault(context), at, maybeFixed(at));
      break;
    }
    case 'delayed':
      addFault(errors(), onset(), { delayMs: between(random, FAULT.delay) });
      break;
    case 'latency': {
      const at = onset();
      addFault(drawFault('slow', context), at, maybeFixed(at));
      break;
    }
    case 'vanished': {
      const at = onset();
      addFault(drawFault('vanished', context), at, maybeFixed(at));
      break;
    }
    case 'fix': {
      const at = onset(FIXED_EARLY);
      addFault(errors(), at, { fixedAt: at + between(random, FAULT.fixAfterMs) });
      break;
    }
    case 'fault':
    case 'burst':
    case 'fleet':
    case 'lossy': {
      const at = onset();
      addFault(errors(), at, situation === 'burst' ? {} : maybeFixed(at));
      break;
    }
  }

  const changes = [
    ...drawBenign(context),
    ...faults.flatMap((fault, index) => changesOf(fault, index)),
    ...faults.flatMap((fault) => decoysOf(fault, options, taken)),
    ...troubles.flatMap((drawn) => bystandersOf(drawn, options, taken)),
    ...(situation === 'burst' ? burstAround(faults[0], options, taken) : []),
  ];
  return {
    changes: changes.toSorted((a, b) => a.at - b.at),
    faults,
    troubles: troubles.map((drawn) => drawn.trouble),
    effects: troubles.flatMap((drawn) => drawn.effects),
  };
}

function changesOf({ plan, at, fixedAt }: PlannedFault, fault: number): PlannedChange[] {
  const common = { ...plan.resource, plausible: true, fault, automation: false };
  const breaks: PlannedChange = {
    ...common,
    at,
    edit: plan.edit,
    action: plan.edit === undefined ? 'delete' : 'update',
    role: 'fault',
  };
  if (fixedAt === undefined) return [breaks];
  // The good document is filled in when the plan is carried out.
  const restores: PlannedChange = {
    ...common,
    at: fixedAt,
    edit: (document) => document,
    action: plan.edit === undefined ? 'create' : 'update',
    role: 'fix',
  };
  return [breaks, restores];
}

function decoysOf({ at, delayMs }: PlannedFault, options: ScriptOptions, taken: ReadonlySet<string>): PlannedChange[] {
  const { random } = options;
  if (!random.chance(FAULT.decoy)) return [];
  const made = drawHarmless({ ...options, taken }, true);
  const before = between(random, FAULT.decoyBeforeMs);
  return made === undefined ? [] : [plannedHarmless(made, at + delayMs - before, 'decoy')];
}

function bystandersOf({ trouble, near }: DrawnTrouble, options: ScriptOptions, taken: ReadonlySet<string>) {
  const { random } = options;
  if (!random.chance(TROUBLE.bystander)) return [];
  const made = drawHarmless({ ...options, taken }, random.chance(0.5), near.size === 0 ? undefined : near);
  const before = between(random, TROUBLE.bystanderBeforeMs);
  return made === undefined ? [] : [plannedHarmless(made, trouble.from - before, 'bystander')];
}

function burstAround(fault: PlannedFault | undefined, options: ScriptOptions, taken: ReadonlySet<string>) {
  if (fault === undefined) return [];
  const { random } = options;
  const planned: PlannedChange[] = [];
  const count = wholeBetween(random, FAULT.burstChanges);
  const place = random.int(0, count);
  for (let index = 0; index < count; index++) {
    const made = drawHarmless({ ...options, taken }, random.chance(BENIGN.plausible));
    const away = (index - place + (index >= place ? 1 : 0)) * between(random, BENIGN.burstGapMs);
    if (made !== undefined) planned.push(plannedHarmless(made, fault.at + away, 'benign', true));
  }
  return planned;
}
