import type { EtcdClient } from './etcdClient.ts';

/**
 * Asks the members of a cluster as one: after a failure the next one is asked. Revisions count for the whole cluster,
 * so it makes no difference who answers.
 *
 * @throws RangeError without a member.
 */
export function etcdMembers(members: readonly EtcdClient[]): EtcdClient {
  let turn = 0;
  async function ask<T>(work: (member: EtcdClient) => Promise<T>): Promise<T> {
    const member = members[turn % members.length];
    if (member === undefined) throw new RangeError('expected at least one member');
    try {
      return await work(member);
    } catch (error) {
      turn += 1;
      throw error;
    }
  }
  return {
    revision: (prefix, signal) => ask((member) => member.revision(prefix, signal)),
    range: (range) => ask((member) => member.range(range)),
    close() {
      for (const member of members) member.close();
    },
  };
}
