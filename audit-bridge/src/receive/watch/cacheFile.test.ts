import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { GapObservation, Observation } from '../../model/observation.ts';
import { RECORDED_SECRETS, STORIES } from '../../redact/testing/recordedDocuments.ts';
import { type CacheFileOptions, createCacheFileWatcher } from './cacheFile.ts';
import { recordedVersions } from './testing/recordedCache.ts';
import {
  changesOf,
  changeTimes,
  DATA_PLANE,
  ENVIRONMENT,
  expectedChanges,
  redactor,
  summary,
} from './testing/watchedStory.ts';
import { allText, replaceFile, watchRig } from './testing/watchRig.ts';
import { fileWatchMemory } from './watchMemory.ts';

function fileRig(start?: number) {
  const rig = watchRig(start);
  const path = join(rig.folder, 'dp', 'config_cache.json');
  mkdirSync(join(rig.folder, 'dp'));
  const state = join(rig.folder, 'state');
  const watcher = (options: Partial<CacheFileOptions> = {}) =>
    createCacheFileWatcher({
      ...rig.deps,
      name: 'cache',
      path,
      environment: ENVIRONMENT,
      dataPlane: DATA_PLANE,
      memory: fileWatchMemory(state, 'cache'),
      ...options,
    });
  return { ...rig, path, state, watcher };
}

const gapsOf = (observations: readonly Observation[]): GapObservation[] =>
  observations.filter((one) => one.type === 'gap');

const SECRETS = [...RECORDED_SECRETS, 'f62616b17bdd474b', 'forbidden-word'];

describe.each(STORIES)('the cache file of %s, version by version on a disk', (story) => {
  const versions = recordedVersions(story);
  const [first] = versions;
  if (first === undefined) throw new Error('no recording');

  it('tells every change with its time, and no secret', async () => {
    const rig = fileRig(first.at);
    const watcher = rig.watcher();
    for (const { at, bytes } of versions) {
      replaceFile(rig.path, bytes, at - 40);
      rig.set(at);
      await watcher.look();
      rig.pass(20);
      await watcher.look();
    }
    await watcher.close();
    const changes = changesOf(rig.observations);
    expect(changes.map(summary)).toEqual(expectedChanges(story));
    for (const [index, at] of changeTimes(story).entries()) {
      expect(Math.abs((changes[index]?.seenBetween?.[1] ?? 0) - at)).toBeLessThan(1000);
    }
    expect(gapsOf(rig.observations)).toEqual([]);
    const kept = JSON.stringify([rig.observations, rig.lines]) + allText(rig.state);
    expect(kept).toContain('mistral-large');
    for (const secret of SECRETS) expect(kept).not.toContain(secret);
  });

  it('tells the same over a restart at every version, and what was changed in between as found late', async () => {
    const rig = fileRig(first.at);
    for (const { at, bytes } of versions) {
      rig.set(at - 100);
      replaceFile(rig.path, bytes, at);
      rig.set(at + 200);
      const watcher = rig.watcher({ silentAfterMillis: 3_600_000 });
      await watcher.look();
      await watcher.look();
      await watcher.close();
    }
    const changes = changesOf(rig.observations);
    expect(changes.map(summary)).toEqual(expectedChanges(story));
    expect(changes.every(({ foundLate }) => foundLate)).toBe(true);
    // The file tells when it was written, so that even then the time is right.
    for (const [index, at] of changeTimes(story).entries()) {
      expect(Math.abs((changes[index]?.seenBetween?.[1] ?? 0) - at)).toBeLessThan(1000);
    }
  });
});

describe('a watcher of a cache file', () => {
  const versions = recordedVersions('story');
  const bytesOf = (index: number) => versions[index]?.bytes ?? Buffer.alloc(0);

  it('finds what happened while it was away, with a gap, and the last value only', async () => {
    const rig = fileRig();
    replaceFile(rig.path, bytesOf(0));
    const before = rig.watcher();
    await before.look();
    await before.close();
    const closedAt = rig.now();
    rig.pass(3_600_000);
    replaceFile(rig.path, bytesOf(4), rig.now() - 1_800_000);
    const after = rig.watcher();
    await after.look();
    const changes = changesOf(rig.observations);
    expect(changes.map(({ resource, foundLate }) => [resource.name, foundLate])).toEqual([
      ['backup-cache', true],
      ['team-mobile', true],
    ]);
    expect(changes[0]?.seenBetween).toEqual([closedAt, rig.now() - 1_800_000]);
    expect(gapsOf(rig.observations)).toMatchObject([{ from: closedAt, to: rig.now(), reason: 'not_running' }]);
  });

  it('tells again, under the same ids, what was not made durable', async () => {
    const rig = fileRig();
    replaceFile(rig.path, bytesOf(0));
    const first = rig.watcher();
    await first.look();
    const told: Observation[] = [];
    const dying = rig.watcher({
      observe: async (all) => {
        told.push(...all);
        throw new Error('disk full');
      },
    });
    replaceFile(rig.path, bytesOf(1));
    void dying.look();
    await vi.waitFor(() => expect(changesOf(told).length).toBeGreaterThan(0), 30_000);
    await dying.close();
    const next = rig.watcher();
    await next.look();
    expect(changesOf(rig.observations).map(({ observationId }) => observationId)).toEqual([
      changesOf(told)[0]?.observationId,
    ]);
  });

  it('sees each of four changes within two seconds', async () => {
    const rig = fileRig();
    rig.useRealTime();
    replaceFile(rig.path, bytesOf(0));
    const watcher = rig.watcher({ pollMillis: 60_000 });
    watcher.start();
    await vi.waitFor(() => expect(rig.observations).toHaveLength(17), 30_000);
    for (const index of [1, 2, 3, 4]) {
      replaceFile(rig.path, bytesOf(index));
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    await vi.waitFor(() => expect(changesOf(rig.observations)).toHaveLength(4), 30_000);
    await watcher.close();
    expect(changesOf(rig.observations).map(({ revision }) => revision)).toEqual([2236, 2237, 2238, 2239]);
  });

  it('sees changes by looking, where the system tells of none', async () => {
    const rig = fileRig();
    rig.useRealTime();
    rmSync(join(rig.folder, 'dp'), { recursive: true });
    const watcher = rig.watcher({ pollMillis: 10 });
    watcher.start();
    await vi.waitFor(() => expect(watcher.health().fault?.code).toBe('cache_file_missing'), 30_000);
    mkdirSync(join(rig.folder, 'dp'));
    replaceFile(rig.path, bytesOf(0));
    await vi.waitFor(() => expect(rig.observations).toHaveLength(17), 30_000);
    replaceFile(rig.path, bytesOf(1));
    await vi.waitFor(() => expect(changesOf(rig.observations)).toHaveLength(1), 30_000);
    await watcher.close();
  });

  it('waits for the rest of a half-written file', async () => {
    const rig = fileRig();
    replaceFile(rig.path, bytesOf(0));
    const watcher = rig.watcher();
    await watcher.look();
    for (const part of [0, 1, 1000, bytesOf(1).length - 1]) {
      writeFileSync(rig.path, bytesOf(1).subarray(0, part));
      rig.pass(10);
      await watcher.look();
      expect(watcher.health().fault?.code).toBe('cache_file_torn');
    }
    expect(rig.observations).toHaveLength(17);
    writeFileSync(rig.path, bytesOf(1));
    await watcher.look();
    expect(changesOf(rig.observations)).toHaveLength(1);
    expect(gapsOf(rig.observations)).toEqual([]);
    expect(watcher.health().state).toBe('ok');
  });

  it('tells of a file that is missing only after a while, and of its return', async () => {
    const rig = fileRig();
    replaceFile(rig.path, bytesOf(0));
    const watcher = rig.watcher();
    await watcher.look();
    const seenAt = rig.now();
    rmSync(rig.path);
    for (let i = 0; i < 30; i++) {
      rig.pass(1000);
      await watcher.look();
    }
    expect(gapsOf(rig.observations)).toEqual([]);
    rig.pass(1000);
    await watcher.look();
    await watcher.look();
    expect(gapsOf(rig.observations)).toMatchObject([{ from: seenAt, reason: 'cache_file_missing' }]);
    expect(gapsOf(rig.observations)[0]?.to).toBeUndefined();
    await watcher.close();

    rig.pass(60_000);
    replaceFile(rig.path, bytesOf(1));
    await rig.watcher().look();
    const [, ended] = gapsOf(rig.observations);
    expect(ended).toMatchObject({ from: seenAt, to: rig.now(), reason: 'cache_file_missing' });
    expect(changesOf(rig.observations).map(({ foundLate }) => foundLate)).toEqual([true]);
  });

  it.each([
    ['cache_file_newer', '{"version":2,"revision":1,"entries":[]}', 'found format version 2, expected 1'],
    ['cache_file_invalid', '{"version":1,"revision":1}', 'unexpected entries: expected the format of version 1'],
    ['cache_file_invalid', '[]', 'unexpected the file: expected the format of version 1'],
    ['cache_file_invalid', 'null', 'unexpected the file: expected the format of version 1'],
    [
      'cache_file_invalid',
      '{"version":1,"revision":1,"entries":[{"key":"/a/b/models/c","value_b64":"e30=","revision":1},{"key":"/a/b/models/c","value_b64":"e30=","revision":2}]}',
      'a key stands twice: expected each key once',
    ],
    ['cache_file_too_large', ' '.repeat(100_001), 'found 100001 bytes, expected at most 100000'],
  ])('says %s, and that it is blind from then on', async (code, text, message) => {
    const rig = fileRig();
    replaceFile(rig.path, bytesOf(0));
    const watcher = rig.watcher({ maxBytes: 100_000 });
    await watcher.look();
    replaceFile(rig.path, text);
    rig.pass(1000);
    await watcher.look();
    expect(watcher.health()).toMatchObject({ state: 'failing', fault: { code, message } });
    expect(gapsOf(rig.observations)).toMatchObject([{ reason: code }]);
    expect(rig.lines).toMatchObject([{ level: 'warn', fields: { code, check: message } }]);
    expect(changesOf(rig.observations)).toEqual([]);
  });

  it('begins anew under another key or for another file, without false changes', async () => {
    const rig = fileRig();
    replaceFile(rig.path, bytesOf(0));
    await rig.watcher().look();
    const other = { ...redactor, digest: (text: string) => redactor.digest(`other ${text}`) };
    await rig.watcher({ redactor: other }).look();
    await rig.watcher({ dataPlane: 'dp-2' }).look();
    expect(changesOf(rig.observations)).toEqual([]);
    expect(rig.lines.map(({ message }) => message)).toEqual(
      Array(2).fill('A watcher begins anew: what it remembers is of another source or under another key.'),
    );
  });

  it('puts a damaged memory aside and refuses one of a newer version', async () => {
    const rig = fileRig();
    replaceFile(rig.path, bytesOf(0));
    mkdirSync(join(rig.state, 'watch'), { recursive: true });
    writeFileSync(join(rig.state, 'watch', 'cache.json'), '{"version":1,"state":');
    await rig.watcher().look();
    expect(readdirSync(join(rig.state, 'watch')).sort()).toEqual(['cache.heard.json', 'cache.json', 'cache.json.bad']);
    writeFileSync(join(rig.state, 'watch', 'cache.json'), '{"version":2}');
    expect(() => rig.watcher()).toThrow('found a file of version 2, expected version 1');
  });

  it('never guesses and never stops, whatever the file holds', async () => {
    const rig = fileRig();
    const watcher = rig.watcher();
    replaceFile(rig.path, bytesOf(0));
    await watcher.look();
    const damaged = fc
      .tuple(fc.nat(bytesOf(0).length - 1), fc.uint8Array({ maxLength: 8 }), fc.nat(20))
      .map(([at, bytes, cut]) =>
        Buffer.concat([bytesOf(0).subarray(0, at), bytes, bytesOf(0).subarray(Math.min(at + cut, bytesOf(0).length))]),
      );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          damaged,
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        async (bytes) => {
          replaceFile(rig.path, bytes);
          rig.pass(10);
          await watcher.look();
          expect(['ok', 'failing']).toContain(watcher.health().state);
          expect(watcher.health().fault?.code).not.toBe('unexpected');
        },
      ),
      { numRuns: 200 },
    );
    replaceFile(rig.path, bytesOf(0));
    await watcher.look();
    expect(watcher.health().state).toBe('ok');
    const kept = JSON.stringify([rig.observations, rig.lines]) + allText(rig.state);
    for (const secret of SECRETS) expect(kept).not.toContain(secret);
  });
});
