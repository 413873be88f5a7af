import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { fakeApi } from '../testing/fakeApi';
import { lazyClient } from './lazyClient';

describe('a client that is loaded with its first call', () => {
  it('passes every call on, and is loaded once', async () => {
    const api = fakeApi();
    const load = vi.fn(async () => api.client);
    const client = lazyClient(load);
    expect(Object.keys(client).sort()).toEqual(Object.keys(api.client).sort());
    expect(load).not.toHaveBeenCalled();
    const range = { from: 0, to: 1 };
    await Promise.all([firstValueFrom(client.search(range)), firstValueFrom(client.fields())]);
    expect(api.calls).toEqual([
      ['search', range],
      ['fields', undefined],
    ]);
    expect(load).toHaveBeenCalledOnce();
  });

  it('is loaded again after a failure, and asks nothing for who has left', async () => {
    const api = fakeApi();
    const load = vi.fn(async () => api.client).mockRejectedValueOnce(new Error('no network'));
    const client = lazyClient(load);
    await expect(firstValueFrom(client.health())).rejects.toThrow('no network');
    client.search({ from: 0, to: 1 }).subscribe().unsubscribe();
    await firstValueFrom(client.health());
    expect(api.calls.map(([route]) => route)).toEqual(['health']);
  });
});
