import { expect, it } from 'vitest';
import type { EtcdClient } from './etcdClient.ts';
import { etcdMembers } from './etcdMembers.ts';

const member = (revision: number | Error): EtcdClient => ({
  revision: async () => {
    if (revision instanceof Error) throw revision;
    return revision;
  },
  range: async () => ({ revision: Number(revision), values: [], more: false }),
  close() {},
});
const { signal } = new AbortController();

it('asks the next member after a failure, and stays with the one that answers', async () => {
  const down = new Error('down');
  const members = etcdMembers([member(down), member(7), member(8)]);
  await expect(members.revision('/', signal)).rejects.toBe(down);
  expect(await members.revision('/', signal)).toBe(7);
  expect((await members.range({ prefix: '/', after: undefined, revision: undefined, signal })).revision).toBe(7);
});
