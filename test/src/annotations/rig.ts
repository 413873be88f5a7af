import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createGrafanaAnnotations,
  type GrafanaAnnotations,
  type GrafanaAnnotationsOptions,
  type GrafanaTarget,
  type TargetHealth,
} from '@aisix-observability/audit-bridge';
import { systemClock } from '@aisix-observability/pipeline';
import {
  FAKE_TOKEN,
  type FakeGrafana,
  type FakeGrafanaOptions,
  startFakeGrafana,
} from '../fakes/grafanaAnnotations.ts';
import { type MemorySource, memorySource, NOON } from './memorySource.ts';

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields: unknown;
}

/** The bridge's annotations against a fake Grafana. */
export interface AnnotationRig extends AsyncDisposable {
  readonly source: MemorySource;
  readonly grafana: FakeGrafana;
  readonly log: readonly LogEntry[];
  start(target?: Partial<GrafanaTarget>, options?: Partial<GrafanaAnnotationsOptions>): GrafanaAnnotations;
  stop(): Promise<void>;
  health(): TargetHealth;
  /** Waits until nothing is waiting, not even a second look. */
  settled(): Promise<void>;
  /** Annotations of the bridge, but for those of a probe. */
  drawn(): { time: number; timeEnd: number; text: string; tags: readonly string[]; id: number }[];
}

export async function annotationRig(grafanaOptions: FakeGrafanaOptions = {}): Promise<AnnotationRig> {
  const undo = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'annotations-'));
  undo.defer(() => rm(directory, { recursive: true }));
  const grafana = undo.adopt(await startFakeGrafana(grafanaOptions), (started) => started.close());
  const source = memorySource();
  const log: LogEntry[] = [];
  let running: GrafanaAnnotations | undefined;
  const stop = async () => {
    await running?.close(2_000);
    running = undefined;
  };
  undo.defer(stop);

  const rig: AnnotationRig = {
    source,
    grafana,
    log,
    start(target = {}, options = {}) {
      running = createGrafanaAnnotations({
        path: join(directory, 'markers.db'),
        source,
        targets: [{ name: 'main', url: grafana.url, token: FAKE_TOKEN, orgId: 1, detail: 'neutral', ...target }],
        requestTimeoutMillis: 400,
        recheckMillis: 1_000,
        // These changes are of a certain day, and a new target is shown the last one.
        clock: dayOf(),
        log: (level, message, fields) => log.push({ level, message, fields }),
        ...options,
      });
      return running;
    },
    stop,
    health() {
      const [health] = running?.health() ?? [];
      if (health === undefined) throw new Error('it is not running');
      return health;
    },
    async settled() {
      for (const deadline = performance.now() + 30_000; ; await delay(20)) {
        const health = rig.health();
        if (health.state === 'ok' && health.waiting === 0) return;
        if (performance.now() > deadline) throw new Error(`not settled: ${JSON.stringify(health)}`);
      }
    },
    drawn: () => [...grafana.annotations.values()].filter(({ tags, time }) => tags.includes('aisix') && time > 1.1e12),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
  return rig;
}

/** The system's clock, put back to the day of the changes. */
function dayOf() {
  const shift = Date.now() - (NOON + 60_000);
  return { ...systemClock, now: () => Date.now() - shift };
}
