import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { firstValueFrom, lastValueFrom, type Observable, of, Subject, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createClient } from './client';

const response = <T>(data: T, status = 200) => ({ data, status, ok: status < 300, statusText: '' }) as FetchResponse<T>;
const bytes = (text: string) => new TextEncoder().encode(text);

function clientOf(answer: (request: BackendSrvRequest) => Observable<unknown>) {
  const asked: BackendSrvRequest[] = [];
  const backend = (request: BackendSrvRequest) => {
    asked.push(request);
    return answer(request);
  };
  const srv = { fetch: backend, chunked: backend } as unknown as Pick<BackendSrv, 'fetch' | 'chunked'>;
  return { client: createClient('/api/datasources/proxy/uid/x', srv), asked };
}

describe('the client', () => {
  it('asks through the data proxy, without a second error in the corner of the page', async () => {
    const { client, asked } = clientOf(() => of(response({ requests: [] })));
    await firstValueFrom(client.search({ from: 1, to: 2, limit: 5 }));
    expect(asked).toEqual([
      {
        url: '/api/datasources/proxy/uid/x/requests/search',
        method: 'POST',
        showErrorAlert: false,
        data: { from: 1, to: 2, limit: 5 },
      },
    ]);
  });

  it('asks nothing before somebody listens, and stops when nobody does', () => {
    const answers = new Subject<unknown>();
    const { client, asked } = clientOf(() => answers);
    const call = client.fields();
    expect(asked).toHaveLength(0);
    const listening = call.subscribe();
    expect(answers.observed).toBe(true);
    listening.unsubscribe();
    expect(answers.observed).toBe(false);
  });

  it('fails in words', async () => {
    const { client } = clientOf(() => throwError(() => ({ status: 502 })));
    await expect(firstValueFrom(client.fields())).rejects.toThrow('Grafana cannot reach the server');
  });

  it('fails on an answer that broke off', async () => {
    const { client } = clientOf(() => of(response('{"requests":[{"requ')));
    await expect(firstValueFrom(client.search({ from: 1, to: 2 }))).rejects.toThrow('broke off');
  });
});

describe('the live tail', () => {
  it('puts lines together, wherever chunks were cut', async () => {
    const text = bytes('{"heartbeat":1,"cursor":"a"}\n{"requests":[{"requestId":"模型"}],"cursor":"b"}\n');
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { client } = clientOf(() =>
        of(response(text.slice(0, cut)), response(text.slice(cut)), response(undefined)),
      );
      expect(await lastValueFrom(client.tail({}).pipe(toArray()))).toEqual([
        { heartbeat: 1, cursor: 'a' },
        { requests: [{ requestId: '模型' }], cursor: 'b' },
      ]);
    }
  });

  it('fails when it is refused, in the words of the server', async () => {
    const refusal = bytes('{"error":{"code":"too_many_tails","message":"8 tails are open"}}');
    const { client } = clientOf(() => of(response(refusal, 429)));
    await expect(lastValueFrom(client.tail({}))).rejects.toMatchObject({
      code: 'too_many_tails',
      message: '8 tails are open. Stop a live tail in another tab.',
    });
  });

  it('fails on a line that is no JSON', async () => {
    const { client } = clientOf(() => of(response(bytes('<html>\n'))));
    await expect(lastValueFrom(client.tail({}))).rejects.toThrow('no JSON');
  });
});
