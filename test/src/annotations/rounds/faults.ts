import type { GrafanaFault, GrafanaRequest } from '../../fakes/grafanaAnnotations.ts';
import { createRandom } from '../../gateway/index.ts';

/** Later than the bridge waits for an answer, sooner than it looks again. */
const LATEST_COMMIT_MILLIS = 2_000;

/** A fault for a share of the requests, each of every kind that there is. */
export function randomFaults(share: number, seed: number, counts: Map<string, number>) {
  const random = createRandom(seed);
  const kinds: readonly (() => GrafanaFault)[] = [
    () => ({ kind: 'status', status: 500 }),
    () => ({ kind: 'status', status: 500, committed: true }),
    () => ({ kind: 'status', status: 502, committed: random.chance(0.5) }),
    () => ({ kind: 'status', status: 503, retryAfter: '0' }),
    () => ({ kind: 'status', status: 429, retryAfter: new Date(Date.now() + 1_000).toUTCString() }),
    () => ({ kind: 'status', status: 401 }),
    () => ({ kind: 'status', status: 403 }),
    // Of a proxy in between: what Grafana itself refuses is refused for good.
    () => ({ kind: 'page', status: random.pick([400, 407, 409, 422, 423, 425]) }),
    () => ({ kind: 'page', status: random.pick([400, 502]), committed: true }),
    () => ({ kind: 'reset' }),
    () => ({ kind: 'reset', committed: true }),
    () => ({ kind: 'hang' }),
    () => ({ kind: 'hang', committed: true }),
    () => ({ kind: 'hang', commitAfterMillis: random.int(1, LATEST_COMMIT_MILLIS) }),
    () => ({ kind: 'garbage' }),
    () => ({ kind: 'garbage', committed: true }),
    () => ({ kind: 'endless' }),
    () => ({ kind: 'redirect', location: 'http://127.0.0.1:9/' }),
  ];
  return (_request: GrafanaRequest): GrafanaFault | undefined => {
    if (!random.chance(share)) return undefined;
    const fault = random.pick(kinds)();
    const name = 'status' in fault ? `${fault.status}${fault.kind === 'page' ? ' page' : ''}` : fault.kind;
    const done =
      'committed' in fault && fault.committed === true ? ', done' : 'commitAfterMillis' in fault ? ', done later' : '';
    counts.set(name + done, (counts.get(name + done) ?? 0) + 1);
    return fault;
  };
}
