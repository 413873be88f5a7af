import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface Question {
  readonly key: string;
  readonly range_end: string;
  readonly limit?: string;
  readonly revision?: string;
  readonly keys_only?: boolean;
}

export type FakeEtcd = Awaited<ReturnType<typeof startFakeEtcd>>;

/** The range request of etcd's HTTP gateway, over a store with all its revisions. */
export async function startFakeEtcd() {
  const history: { readonly revision: number; readonly key: string; readonly value?: string }[] = [];
  let revision = 1;
  let compacted = 0;
  const questions: Question[] = [];
  let refuse: ((response: http.ServerResponse) => void) | undefined;
  let onPage: (() => void) | undefined;

  function answer(question: Question) {
    const at = Number(question.revision ?? revision);
    if (at < compacted) return { status: 400, body: { error: 'required revision has been compacted', code: 11 } };
    const [from, to] = [Buffer.from(question.key, 'base64'), Buffer.from(question.range_end, 'base64')];
    const state = new Map<string, { value: string; mod: number }>();
    for (const { key, value, revision: mod } of history) {
      if (mod > at) break;
      if (value === undefined) state.delete(key);
      else state.set(key, { value, mod });
    }
    const all = [...state]
      .map(([key, held]) => ({ key: Buffer.from(key), ...held }))
      .filter(({ key }) => Buffer.compare(key, from) >= 0 && Buffer.compare(key, to) < 0)
      .sort((a, b) => Buffer.compare(a.key, b.key));
    const some = all.slice(0, Number(question.limit ?? all.length));
    return {
      status: 200,
      body: {
        header: { cluster_id: '1', member_id: '2', revision: String(revision), raft_term: '3' },
        kvs: some.map(({ key, value, mod }) => ({
          key: key.toString('base64'),
          create_revision: '1',
          mod_revision: String(mod),
          version: '1',
          ...(question.keys_only ? {} : { value: Buffer.from(value).toString('base64') }),
        })),
        ...(some.length < all.length ? { more: true } : {}),
        count: String(all.length),
      },
    };
  }

  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const question = JSON.parse(text) as Question;
      questions.push(question);
      if (refuse !== undefined) return refuse(response);
      const { status, body } = answer(question);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (question.keys_only !== true) onPage?.();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    questions,
    put(key: string, value: unknown): number {
      revision += 1;
      history.push({ revision, key, value: typeof value === 'string' ? value : JSON.stringify(value) });
      return revision;
    },
    delete(key: string): number {
      revision += 1;
      history.push({ revision, key });
      return revision;
    },
    compact() {
      compacted = revision;
    },
    refuseWith(how: typeof refuse) {
      refuse = how;
    },
    afterPage(work: typeof onPage) {
      onPage = work;
    },
    revisionIs(next: number) {
      revision = next;
    },
  };
}
