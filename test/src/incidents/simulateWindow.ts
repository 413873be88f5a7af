import type { ConfigChange } from '@aisix-observability/evidence';
import { createRandom } from '../gateway/random.ts';
import type { Call } from './gateway/call.ts';
import { createGateway } from './gateway/gateway.ts';
import { createProviders } from './gateway/provider.ts';
import { simulateTraffic } from './gateway/traffic.ts';
import { type Cell, DELIVERY, SITUATIONS, TIMES } from './parameters.ts';
import { type ConfigStep, carryOut } from './plan/carryOut.ts';
import { drawScript, FIRST_TROUBLE } from './plan/situations.ts';
import { type Delivered, deliver } from './render/deliver.ts';
import { type Truth, truthOf } from './truth.ts';
import { drawDocuments } from './world/documents.ts';
import { drawWorld, type World } from './world/world.ts';

/** One window of one simulated environment: what the product gets to see, and the answer key. */
export interface SimulatedWindow {
  readonly cell: Cell;
  readonly seed: number;
  /** Epoch milliseconds of the start and of the end. */
  readonly base: number;
  readonly end: number;
  readonly world: World;
  /** Events name their data plane. */
  readonly namesDataPlane: boolean;
  readonly calls: readonly Call[];
  readonly delivered: Delivered;
  readonly changes: readonly ConfigChange[];
  readonly config: readonly ConfigStep[];
  readonly truth: Truth;
}

/** Any day will do; a day of its own for every seed. */
const FIRST_DAY = Date.UTC(2026, 8, 7);
const DAY_MS = 86_400_000;

/** Plays one window. The same cell and seed give the same window, on every machine. */
export function simulateWindow(cell: Cell, seed: number): SimulatedWindow {
  const { rate, situation } = cell;
  const random = createRandom(
    seed * 7_919 + SITUATIONS.indexOf(situation) * 104_729 + Math.round(rate * 10) * 1_299_709,
  );
  const hour = random.next() * 24;
  const base = Math.round(FIRST_DAY + (seed % 50) * DAY_MS + hour * 3_600_000);
  const world = drawWorld(random, {
    dataPlanes: situation === 'fleet' ? DELIVERY.fleet.dataPlanes : 1,
    onlyBehindGroups: situation === 'hidden',
  });
  const { documents, ids } = drawDocuments(random, world);
  const script = drawScript({ random, world, ids, rate, situation });
  const carried = carryOut({ random, world, documents, script, base });
  const providers = createProviders(random, world, carried.effects);
  const gateway = createGateway(random, world, providers, carried.effects);
  const calls = simulateTraffic({ random, world, rate, hour, effects: carried.effects, gateway });
  const truth = truthOf(script, carried, calls, base, FIRST_TROUBLE);
  const around = (truth.faults[0]?.onset ?? base + TIMES.onsetFrom) - base;
  return {
    cell,
    seed,
    base,
    end: base + TIMES.length,
    world,
    namesDataPlane: situation !== 'fleet' || random.chance(DELIVERY.fleet.named),
    calls,
    delivered: deliver(calls, random, situation === 'lossy', around),
    changes: carried.made.map(({ change }) => change),
    config: carried.config,
    truth,
  };
}
