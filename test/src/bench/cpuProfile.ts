import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What node writes with `--cpu-prof`, as far as it is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

/** Where a function belongs, first match; SQLite's work is native and shows as the function that called it. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/pipeline\/src\/stream/, 'streams: SQLite, waiting for the disk'],
  [/pipeline\/src\/deliver/, 'deliver: batches, requests'],
  [/collector-exporter\/src\/receive/, 'receive: bodies, JSON.parse'],
  [/collector-exporter\/src\/decode/, 'decode'],
  [/collector-exporter\/src\/assemble/, 'assemble: JSON.parse, fold, two JSON texts'],
  [/collector-exporter\/src\/spans/, 'spans: JSON.parse, attributes'],
  [/otlp-transformer/, "OpenTelemetry's serialiser"],
  [/sdk-metrics|collector-exporter\/src\/metrics|server\/src\/telemetry/, 'request metrics'],
  [/server\/src/, 'server: JSON.stringify of deliveries'],
  [/^node:(?:_http|net|internal\/streams|_tls)|@hono|\/hono\//, 'HTTP'],
  [/^node:zlib/, 'gzip, without its own threads'],
];
const NAMED = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(idle)', 'idle'],
]);

/** Shares of wall time by place, greatest first, for each thread that left a profile in the directory. */
export function whereTimeGoes(directory: string): readonly { readonly thread: string; readonly shares: string }[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.cpuprofile'))
    .sort()
    .map((name, index) => {
      const profile = JSON.parse(readFileSync(join(directory, name), 'utf8')) as CpuProfile;
      return { thread: index === 0 ? 'main thread' : 'telemetry path', shares: sharesOf(profile) };
    });
}

function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): string {
  const placeOf = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      NAMED.get(functionName) ?? PLACES.find(([pattern]) => pattern.test(url))?.[1] ?? 'other',
    ]),
  );
  const sums = new Map<string, number>();
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const micros = timeDeltas[index] ?? 0;
    const place = placeOf.get(sample) ?? 'other';
    sums.set(place, (sums.get(place) ?? 0) + micros);
    total += micros;
  }
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .filter(([, micros]) => micros / total >= 0.01)
    .map(([place, micros]) => `${place} ${((micros / total) * 100).toFixed(0)} %`)
    .join(' · ');
}
