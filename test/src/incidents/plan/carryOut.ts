import { createKeyedHash, createRedactor } from '@aisix-observability/audit-bridge';
import type { CatalogueEntry, ConfigChange } from '@aisix-observability/evidence';
import type { Random } from '../../gateway/random.ts';
import { between } from '../draw.ts';
import type { Effect } from '../gateway/effects.ts';
import { DELIVERY } from '../parameters.ts';
import { type Document, type Documents, keyOf } from '../world/documents.ts';
import type { World } from '../world/world.ts';
import type { PlannedChange } from './plan.ts';
import type { Script } from './situations.ts';

const redactor = createRedactor({ hash: createKeyedHash('simulated incidents') });

/** A change that was made, with its part in the truth. */
export interface MadeChange {
  readonly planned: PlannedChange;
  readonly change: ConfigChange;
  /** When each data plane took it, milliseconds from the window's start; empty when refused. */
  readonly inForce: readonly number[];
}

/** What existed from a time on. */
export interface ConfigStep {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly entries: readonly CatalogueEntry[];
}

export interface CarriedOut {
  readonly made: readonly MadeChange[];
  /** Of troubles and faults, with their times. */
  readonly effects: readonly Effect[];
  /** Configuration in force, ascending. */
  readonly config: readonly ConfigStep[];
}

export interface CarryOutOptions {
  readonly random: Random;
  readonly world: World;
  readonly documents: Documents;
  readonly script: Script;
  /** Epoch milliseconds of the window's start. */
  readonly base: number;
}

const nameOf = (document: Document | undefined): string | undefined => {
  const name = document?.display_name ?? document?.name;
  return typeof name === 'string' ? name : undefined;
};

/** What tells when a change came into force; one for the window. */
type TimesFrom = keyof typeof DELIVERY.times;

function entryOf(environment: string, key: string, document: Document): CatalogueEntry {
  const [kind = '', id = ''] = key.split('/');
  const { value, name } = redactor.redactResource(kind, document);
  return { kind, id, ...(name !== undefined && { name }), environment, value };
}

/** Makes the changes of a script one after the other: documents before and after, times in force, effects. */
export function carryOut(options: CarryOutOptions): CarriedOut {
  const { random, world, script, base } = options;
  const timesFrom = random.weighted(Object.entries(DELIVERY.times) as [TimesFrom, number][]);
  const audited = timesFrom === 'unknown' || random.chance(0.5);
  const laggards = world.dataPlanes.map((_, index) => (index === 0 ? 0 : between(random, DELIVERY.fleet.laggardMs)));
  const wanted = new Map(options.documents);
  const served = new Map(options.documents);
  const good = new Map<number, Document | undefined>();
  const entries = new Map([...served].map(([key, document]) => [key, entryOf(world.environment, key, document)]));
  const config: ConfigStep[] = [{ from: 0, entries: [...entries.values()] }];
  const made: MadeChange[] = [];
  const fromOf = new Map<number, readonly number[]>();
  const toOf = new Map<number, readonly number[]>();

  for (const planned of script.changes) {
    const key = keyOf(planned.kind, planned.id);
    const before = wanted.get(key);
    const current = served.get(key);
    const after = afterOf(planned, current, good);
    const paths = redactor.changedPaths(planned.kind, before, after);
    if (planned.action === 'update' && paths.length === 0) continue;
    if (planned.role === 'fault') good.set(planned.fault, current);
    if (after === undefined) wanted.delete(key);
    else wanted.set(key, after);
    const refused = planned.role === 'rejected';
    const inForce = refused
      ? []
      : world.dataPlanes.map((_, dataPlane) => {
          const lag = (laggards[dataPlane] ?? 0) * (0.7 + random.next() * 0.6);
          return planned.at + between(random, DELIVERY.projectionMs) + lag;
        });
    if (!refused) {
      if (after === undefined) served.delete(key);
      else served.set(key, after);
      if (after === undefined) entries.delete(key);
      else entries.set(key, entryOf(world.environment, key, after));
      config.push({ from: base + (inForce[0] ?? planned.at), entries: [...entries.values()] });
    }
    if (planned.role === 'fault') fromOf.set(planned.fault, inForce);
    if (planned.role === 'fix') toOf.set(planned.fault, inForce);
    const told = { timesFrom, audited, inForce, before, after, paths };
    made.push({ planned, inForce, change: changeOf(options, planned, made.length, told) });
  }

  const effects = script.faults.flatMap(({ plan, delayMs }, index) => {
    const from = fromOf.get(index) ?? [];
    const to = toOf.get(index) ?? world.dataPlanes.map(() => Number.POSITIVE_INFINITY);
    return plan.effects(
      index,
      from.map((at) => at + delayMs),
      to,
    );
  });
  return { made, effects: [...script.effects, ...effects], config: config.toSorted((a, b) => a.from - b.from) };
}

function afterOf(
  { role, edit, fault }: PlannedChange,
  current: Document | undefined,
  good: ReadonlyMap<number, Document | undefined>,
): Document | undefined {
  if (role === 'fix') return good.get(fault);
  return edit?.(current ?? {});
}

interface Told {
  readonly timesFrom: TimesFrom;
  readonly audited: boolean;
  readonly inForce: readonly number[];
  readonly before: Document | undefined;
  readonly after: Document | undefined;
  readonly paths: ConfigChange['paths'];
}

/** The change as the ledger would fold it from an audit event, a watched cache file, or the status. */
function changeOf(
  { world, base, random }: CarryOutOptions,
  { at, kind, id, action, role, automation }: PlannedChange,
  index: number,
  { timesFrom, audited, inForce, before, after, paths }: Told,
): ConfigChange {
  const seen = inForce.map((time) => {
    // The cache file is looked at five times a second; the status tells whole seconds.
    const watched = base + time + 200 * random.next();
    return timesFrom === 'status' ? Math.floor((base + time) / 1000) * 1000 : Math.round(watched);
  });
  const told = timesFrom !== 'unknown' && role !== 'rejected';
  const observed = Math.max(...seen, base + at);
  const name = nameOf(after) ?? nameOf(before);
  const previous = nameOf(before);
  return {
    id: `change-${index}`,
    occurredAt: audited ? Math.round(base + at) : Math.round(seen[0] ?? base + at),
    observedAt: Math.round(audited ? base + at + 150 : observed),
    effective: told ? world.dataPlanes.map((dataPlane, place) => ({ dataPlane, at: seen[place] ?? 0 })) : [],
    action,
    ...(audited && {
      actor: automation
        ? { type: 'automation', name: 'terraform' }
        : { type: 'user', name: random.pick(['ann', 'bo', 'cy']) },
    }),
    resource: {
      kind,
      id,
      ...(name !== undefined && { name }),
      ...(previous !== undefined && name !== undefined && previous !== name && { previousName: previous }),
    },
    environment: world.environment,
    paths,
    revision: 1_000 + index,
    result: 'success',
    trust: audited ? 'signed' : 'observed',
    state: role === 'rejected' ? 'rejected' : told ? 'applied' : 'unknown',
    foundLate: false,
    ...(!audited && { observedBetween: [Math.round(observed - 200), Math.round(observed)] as const }),
    conflict: false,
    source: audited ? 'dashboard' : 'config_cache',
  };
}
