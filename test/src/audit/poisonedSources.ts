import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { DOCUMENT, KINDS, plant, plantedIn, plantedKind, STORED_KINDS } from './canaries.ts';

const ETCD_KINDS = ['models', 'provider_keys', 'api_keys', 'guardrails', 'mcp_servers', 'something_new'];

/** What is looked at over HTTP, with a canary wherever a text can stand. Each answer is another one. */
export interface PoisonedSources {
  readonly url: string;
  /** From then on every answer is an error that quotes canaries. */
  fail(): void;
  /** Answers given so far, by the first step of their path. */
  readonly asked: ReadonlyMap<string, number>;
  close(): void;
}

export async function startPoisonedSources(): Promise<PoisonedSources> {
  const asked = new Map<string, number>();
  let failing = false;
  const answers: Readonly<Record<string, (turn: number) => object>> = { poll: pollPage, v3: etcdPage, status };
  const server = createServer((request, response) => {
    request.resume();
    const [, place = ''] = (request.url ?? '').split(/[/?]/);
    const turn = (asked.get(place) ?? 0) + 1;
    asked.set(place, turn);
    response.statusCode = failing ? 503 : 200;
    const body = failing
      ? `{"error":"${plant()}","message":"${plant()}"`
      : JSON.stringify(answers[place]?.(turn) ?? {});
    response.setHeader('content-type', 'application/json').end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fail() {
      failing = true;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Of API7 Enterprise. */
function pollPage(turn: number): object {
  const row = (kind: string, n: number) => ({
    id: n === 0 ? plant() : `row-${turn}-${n}`,
    event_time: Math.floor(Date.now() / 1000),
    event_type: n === 1 ? plant() : `Update_${kind}`,
    operator: { id: plant(), email: `${plant()}@example.com`, username: plant(), first_name: plant() },
    source: plant(),
    token_name: plant(),
    resource_id: plant(),
    resource_name: plant(),
    ip_address: plant(),
    error_message: `no ${plant()} at https://user:${plant()}@host/?key=${plant()}`,
    http_request: {
      method: 'PUT',
      uri: `/${plant()}`,
      body: n % 2 === 0 ? plantedIn(DOCUMENT) : plantedKind(kind),
      user_agent: plant(),
    },
    http_response: { status_code: 500, body: { secret: plant() } },
    [plant()]: plant(),
  });
  return { list: KINDS.map(row), total: KINDS.length, [plant()]: plant() };
}

function etcdPage(turn: number): object {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const entry = (kind: string, n: number) => ({
    key: base64(`/aisix/prod/${kind}/${n === 0 ? plant() : `etcd-${kind}`}`),
    mod_revision: String(turn * 100 + n),
    value: base64(n === 1 ? plant() : JSON.stringify(plantedIn(DOCUMENT))),
    [plant()]: plant(),
  });
  const planted = Object.entries(STORED_KINDS).map(([stored, kind], n) => ({
    key: base64(`/aisix/prod/${stored}/planted-${kind}`),
    mod_revision: String(turn * 100 + 10 + n),
    value: base64(JSON.stringify(plantedKind(kind))),
  }));
  return { header: { revision: String(turn * 100) }, kvs: [...ETCD_KINDS.map(entry), ...planted], [plant()]: plant() };
}

function status(turn: number): object {
  return {
    state: plant(),
    source: { type: plant(), connected: true, source_hash: plant() },
    applied: { applied_revision: turn, apply_seq: turn, applied_at: new Date().toISOString(), config_hash: plant() },
    last_failure: { message: plant() },
    rejected: [{ resource_kind: plant(), resource_id: plant(), last_error_kind: plant(), message: plant() }],
    [plant()]: plant(),
  };
}

/** A `resources.yaml`. */
export function poisonedResources(): string {
  const document = () => plantedIn(DOCUMENT);
  const kinds = Object.fromEntries(ETCD_KINDS.map((kind) => [kind, [document()]]));
  const planted = Object.fromEntries(
    Object.entries(STORED_KINDS).map(([stored, kind]) => [stored, [...(kinds[stored] ?? []), plantedKind(kind)]]),
  );
  return stringify({ _format_version: '1', ...kinds, ...planted });
}
