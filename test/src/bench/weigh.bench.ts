/**
 * What an investigation costs once its requests are there: a window of columns made of rows, one change weighed, an
 * incident of an hour with fifty changes ranked. `node test/src/bench/weigh.bench.ts [--rate 30]`.
 */
import { parseArgs } from 'node:util';
import type { CatalogueEntry, ConfigChange, RequestRow, RequestWindow } from '@aisix-observability/evidence';
import {
  createWindow,
  neededWindow,
  PRODUCT_PARAMETERS,
  prepareEvidence,
  rankSuspects,
  weighChange,
} from '@aisix-observability/evidence';
import { report, thousands } from './result.ts';

const { values: args } = parseArgs({ options: { rate: { type: 'string', default: '30' } } });
/** Requests a second: ten million requests are four days of thirty a second. */
const RATE = Number(args.rate);
const MINUTE = 60_000;
/** The window of an incident of an hour with its time before. */
const WINDOW_MINUTES = 120;
const CHANGES = 50;
const MODELS = 40;
const PROVIDERS = 8;
const CALLERS = 200;
const START = Date.UTC(2026, 0, 15, 12);
/** The incident: one provider key is refused for an hour. */
const ONSET = START + 60 * MINUTE;
const GOAL_CHANGE_MILLIS = 300;
const GOAL_INCIDENT_MILLIS = 2_000;

let state = 7;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

function entry(kind: string, id: string, value: Readonly<Record<string, unknown>>): CatalogueEntry {
  return { kind, id, name: id, environment: 'bench', value };
}

const entries: readonly CatalogueEntry[] = [
  ...Array.from({ length: PROVIDERS }, (_, index) => entry('provider_key', `key-${index}`, { provider: `p${index}` })),
  ...Array.from({ length: MODELS }, (_, index) =>
    entry('model', `model-${index}`, { provider_key_id: `key-${index % PROVIDERS}` }),
  ),
  ...Array.from({ length: CALLERS }, (_, index) => entry('api_key', `caller-${index}`, {})),
];

function rowAt(startTime: number): RequestRow {
  const model = Math.floor(random() ** 2 * MODELS);
  const caller = Math.floor(random() ** 2 * CALLERS);
  const refused = startTime >= ONSET && model % PROVIDERS === 1;
  const failed = !refused && random() < 0.01;
  const status = refused ? 401 : failed ? 502 : 200;
  const outcome = refused ? 'provider_auth' : failed ? 'provider_error' : 'success';
  const errorClass = status === 200 ? undefined : 'upstream_status';
  const name = `model-${model}`;
  return {
    startTime,
    durationMs: 200 + random() ** 4 * 3_000,
    reconstructed: true,
    status,
    outcome,
    errorClass,
    errorMessage:
      status === 200 ? undefined : `upstream returned HTTP ${status}: request ${Math.floor(random() * 1e6)}`,
    requestedModel: name,
    servedModel: status === 200 ? name : undefined,
    modelId: name,
    apiKeyId: `caller-${caller}`,
    dataPlane: 'dp-1',
    protocol: 'openai',
    stream: random() < 0.2,
    cacheHit: false,
    attempts: [{ model: name, modelId: name, status, outcome, errorClass }],
  };
}

const PATHS: readonly (readonly [string, string])[] = [
  ['provider_key', '/secret'],
  ['provider_key', '/api_base'],
  ['model', '/timeout'],
  ['model', '/model_name'],
  ['api_key', '/allowed_models'],
  ['api_key', '/user_name'],
];

function changeAt(index: number): ConfigChange {
  const isFault = index === 0;
  const [kind, path] = (isFault ? PATHS[0] : PATHS[index % PATHS.length]) ?? ['provider_key', '/secret'];
  const at = isFault ? ONSET - 500 : START + (20 + ((index * 97) % 95)) * MINUTE;
  const of = kind === 'provider_key' ? PROVIDERS : kind === 'model' ? MODELS : CALLERS;
  const id = `${kind === 'provider_key' ? 'key' : kind === 'model' ? 'model' : 'caller'}-${isFault ? 1 : index % of}`;
  return {
    id: `change-${index}`,
    occurredAt: at,
    observedAt: at,
    effective: [{ dataPlane: 'dp-1', at: at + 300 }],
    action: 'update',
    resource: { kind, id, name: id },
    environment: 'bench',
    paths: [{ path, before: 'hmac:000000000001', after: 'hmac:000000000002', secret: true }],
    result: 'success',
    trust: 'signed',
    state: 'applied',
    foundLate: false,
    conflict: false,
    source: 'bench',
  };
}

const count = RATE * WINDOW_MINUTES * 60;
const rows = Array.from({ length: count }, (_, index) => rowAt(START + (index * 1000) / RATE));
const changes = Array.from({ length: CHANGES }, (_, index) => changeAt(index));
const end = START + WINDOW_MINUTES * MINUTE;

/** Processor time: these are pure functions of one thread, so that other work on the machine does not count. */
function timed<Value>(work: () => Value): { readonly value: Value; readonly millis: number } {
  const begun = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(begun);
  return { value, millis: (user + system) / 1000 };
}

function built(from = START, to = end) {
  const window = createWindow({ environment: 'bench', from, to });
  for (const row of rows) if (row.startTime >= from && row.startTime < to) window.add(row);
  return window.build();
}

const ROUNDS = 3;
const best = (all: readonly number[]): number => Math.min(...all);
const windowMillis: number[] = [];
const changeMillis: number[] = [];
const incidentMillis: number[] = [];
const allMillis: number[] = [];
let first = '';
let changeRequests = 0;
for (let round = 0; round < ROUNDS; round++) {
  const { value: window, millis } = timed(() => built());
  windowMillis.push(millis);
  const prepared = (of: RequestWindow) =>
    prepareEvidence({ window: of, changes, config: { at: () => entries } }, PRODUCT_PARAMETERS);
  const fresh = () => prepared(window);
  const fault = changes[0] as ConfigChange;
  const needed = neededWindow(fault, PRODUCT_PARAMETERS);
  const own = built(Math.max(START, needed.from), Math.min(end, needed.to));
  changeRequests = own.length;
  changeMillis.push(timed(() => weighChange(prepared(own), fault, end)).millis);
  const { value: incidents, millis: ranked } = timed(() => rankSuspects(fresh(), { start: ONSET }, end));
  incidentMillis.push(ranked);
  const { millis: weighed } = timed(() => {
    const evidence = fresh();
    for (const change of changes) weighChange(evidence, change, end);
  });
  allMillis.push(weighed);
  first = incidents[0]?.candidates[0]?.id ?? 'none';
}
if (first !== 'change-0') throw new Error(`the wrong candidate came first: ${first}`);
const of = `${thousands(count)} requests`;
report({ what: `window of ${of} from rows`, measured: `${best(windowMillis).toFixed(0)} ms CPU`, goal: '–' });
report({
  what: `one change, ${thousands(changeRequests)} requests`,
  measured: `${best(changeMillis).toFixed(0)} ms CPU`,
  goal: `< ${GOAL_CHANGE_MILLIS} ms`,
  met: best(changeMillis) < GOAL_CHANGE_MILLIS,
});
report({
  what: `incident of an hour, ${CHANGES} changes ranked, ${of}`,
  measured: `${best(incidentMillis).toFixed(0)} ms CPU`,
  goal: `< ${thousands(GOAL_INCIDENT_MILLIS)} ms with the query`,
  met: best(incidentMillis) < GOAL_INCIDENT_MILLIS,
});
report({
  what: `all ${CHANGES} changes weighed at all looks, ${of}`,
  measured: `${best(allMillis).toFixed(0)} ms CPU`,
  goal: '–',
});
