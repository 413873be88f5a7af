import { expect, test } from 'vitest';
import type { Recorder } from '../observe/recorder.ts';
import { StreamFullError, StreamUnavailableError } from './errors.ts';
import { MAX_GROUP_BYTES } from './groupCommit.ts';
import { openStreamFile } from './openStreamFile.ts';
import type { Gap, StreamFile, StreamRecord } from './stream.ts';
import type { StreamFileOptions } from './streamFileOptions.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

const ALL = { rows: 1_000, bytes: 1e9 };
const record = (payload: string, at = 0): StreamRecord => ({ payload, at });

/** A recorder that keeps what it is told, as `name{labels} value`. */
function listening(): { readonly recorder: Recorder; readonly heard: string[] } {
  const heard: string[] = [];
  const hear = (name: string, value: number, labels = {}): void => {
    heard.push(`${name}{${Object.values(labels).join()}} ${value}`);
  };
  return { recorder: { count: hear, gauge: hear, observe: hear }, heard };
}

async function withFile(work: (file: StreamFile, path: string) => Promise<void>, options: StreamFileOptions = {}) {
  const path = temporaryPath();
  const file = openStreamFile(path, options);
  await work(file, path);
  await file.close();
}

test('positions start at 1 and follow the order of the calls', () =>
  withFile(async (file) => {
    const stream = file.stream('events');
    const appended = [stream.append([record('a'), record('b')]), stream.append([record('c')]), stream.append([])];
    expect(await Promise.all(appended)).toEqual([2, 3, 0]);
    expect(stream.read(0, ALL).map(({ seq, payload }) => [seq, payload])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(await stream.append([])).toBe(3);
  }));

test('callers of one turn of the event loop share a commit, those of the next do not', async () => {
  const { recorder, heard } = listening();
  await withFile(
    async (file) => {
      const [events, others] = [file.stream('events'), file.stream('others')];
      await Promise.all([events.append([record('a')]), others.append([record('b')]), events.append([record('c')])]);
      await events.append([record('d')]);
    },
    { recorder },
  );
  expect(heard.filter((line) => line.startsWith('aisix_stream_commit_callers'))).toEqual([
    'aisix_stream_commit_callers{streams} 3',
    'aisix_stream_commit_callers{streams} 1',
  ]);
  expect(heard).toContain('aisix_stream_rows_appended{events} 2');
  expect(heard).toContain('aisix_stream_rows_appended{others} 1');
});

test('a record that cannot be stored is refused to its caller alone', () =>
  withFile(async (file) => {
    const stream = file.stream('events');
    const results = await Promise.allSettled([
      stream.append([record('a')]),
      stream.append([record('never'), record('b', Number.NaN)]),
      stream.append([{ ...record('c'), key: 2n ** 63n }]),
      stream.append([record('d')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(stream.read(0, ALL).map(({ payload }) => payload)).toEqual(['a', 'd']);
  }));

test('text comes back as it went in, and is counted in bytes of UTF-8', () =>
  withFile(async (file) => {
    const stream = file.stream('events');
    const payload = 'zero\u0000 line\n é 漢 😀';
    await stream.append([{ payload, at: 1_763_900_000_000.25, key: -(2n ** 63n), memo: 'mémo' }, record('')]);
    expect(stream.byKey(-(2n ** 63n))).toEqual([{ seq: 1, at: 1_763_900_000_000.25, payload, memo: 'mémo' }]);
    expect(stream.read(0, ALL)[1]).toEqual({ seq: 2, at: 0, payload: '' });
    expect(stream.stats().bytes).toBe(Buffer.byteLength(payload) + 5);
  }));

test('a page holds what its limits allow, and at least one row', () =>
  withFile(async (file) => {
    const stream = file.stream('events');
    await stream.append(['12345', '12345', '12345', '1'].map((payload) => record(payload)));
    const seqs = (after: number, rows: number, bytes: number) =>
      stream.read(after, { rows, bytes }).map(({ seq }) => seq);
    expect(seqs(0, 2, 1e9)).toEqual([1, 2]);
    expect(seqs(0, 9, 10)).toEqual([1, 2]);
    expect(seqs(0, 9, 0)).toEqual([1]);
    expect(seqs(2, Number.POSITIVE_INFINITY, 6)).toEqual([3, 4]);
    expect(seqs(4, 9, 9)).toEqual([]);
    expect(seqs(0, 0, 9)).toEqual([]);
  }));

test('rows of a key are found in order, with their memos, until they are trimmed', () =>
  withFile(async (file) => {
    const stream = file.stream('events');
    await stream.append([
      { ...record('a'), key: 7n, memo: 'first' },
      { ...record('b'), key: 8n },
      { ...record('c'), key: 7n },
    ]);
    expect(stream.byKey(7n)).toEqual([
      { seq: 1, at: 0, payload: 'a', memo: 'first' },
      { seq: 3, at: 0, payload: 'c', memo: null },
    ]);
    expect(stream.byKey(9n)).toEqual([]);
    await stream.trimTo(1);
    expect(stream.byKey(7n).map(({ payload }) => payload)).toEqual(['c']);
  }));

test('positions are not used again after everything was trimmed and the file was opened anew', async () => {
  const path = temporaryPath();
  const first = openStreamFile(path);
  await first.stream('events').append([record('a'), record('b')]);
  expect(await first.stream('events').trimTo(99)).toBe(2);
  await first.close();
  const second = openStreamFile(path);
  const stream = second.stream('events');
  expect(stream.stats()).toEqual({ rows: 0, bytes: 0, firstSeq: 3, lastSeq: 2 });
  expect(stream.bytesAfter(0)).toBe(0);
  expect(await stream.append([record('c', 5)])).toBe(3);
  expect(stream.stats()).toEqual({ rows: 1, bytes: 1, firstSeq: 3, lastSeq: 3, oldestAt: 5 });
  await second.close();
});

test('bytesAfter counts payloads and memos behind a position', () =>
  withFile(async (file) => {
    const stream = file.stream('events');
    await stream.append([record('1'), { ...record('22'), memo: '333' }, record('4444')]);
    expect([0, 1, 2, 3, 99].map((after) => stream.bytesAfter(after))).toEqual([10, 9, 4, 0, 0]);
    await stream.trimTo(2);
    expect([0, 1, 2, 3].map((after) => stream.bytesAfter(after))).toEqual([4, 4, 4, 0]);
  }));

test('a full stream refuses what is too much, counting what still waits, and takes it after a trim', async () => {
  const { recorder, heard } = listening();
  await withFile(
    async (file) => {
      const stream = file.stream('events', { maxBytes: 10 });
      const results = await Promise.allSettled(['12345', '12345', '1'].map((text) => stream.append([record(text)])));
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      const error = await stream.append([record('1')]).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StreamFullError);
      expect(error).toMatchObject({ code: 'stream_full', retryAfterSeconds: 1 });
      expect(heard.filter((line) => line === 'aisix_stream_appends_refused{events,full} 1')).toHaveLength(2);
      // Not bounded, so that what was accepted can move on.
      expect(stream.appendNow([record('now')])).toBe(3);
      await stream.trimTo(2);
      expect(await stream.append([record('1234567')])).toBe(4);
      await stream.trimTo(4);
      expect(await stream.append([record('larger than the bound')])).toBe(5);
      file.stream('events', { maxBytes: 30 });
      expect(await stream.append([record('123')])).toBe(6);
    },
    { recorder },
  );
});

test('a transaction is stored whole or not at all', () =>
  withFile(async (file) => {
    const [events, others] = [file.stream('events'), file.stream('others')];
    file.transact(() => {
      events.appendNow([record('a')]);
      others.appendNow([record('b')]);
      file.cursors.set('reader', 1);
    });
    const failing = () =>
      file.transact(() => {
        events.appendNow([record('c')]);
        file.cursors.set('reader', 2);
        expect(events.stats().lastSeq).toBe(2);
        throw new Error('on purpose');
      });
    expect(failing).toThrow('on purpose');
    expect(file.cursors.get('reader')).toBe(1);
    expect(events.stats()).toMatchObject({ rows: 1, bytes: 1, lastSeq: 1 });
    expect(await events.append([record('d')])).toBe(2);
    expect(events.stats().bytes).toBe(2);
  }));

test('a transaction is synchronous and alone', () =>
  withFile(async (file) => {
    const events = file.stream('events');
    expect(() => file.transact(() => file.transact(() => 1))).toThrow('does not nest');
    expect(() => file.transact(async () => events.appendNow([record('a')]))).toThrow(TypeError);
    let waiting: Promise<number> | undefined;
    file.transact(() => {
      waiting = events.append([record('after')]);
      events.appendNow([record('before')]);
    });
    expect(await waiting).toBe(2);
    expect(events.read(0, ALL).map(({ payload }) => payload)).toEqual(['before', 'after']);
  }));

test('a relaxed transaction is whole as well, and the next one waits for the disk again', () =>
  withFile(async (file) => {
    const events = file.stream('events');
    file.transactRelaxed(() => {
      events.appendNow([record('a')]);
      file.cursors.set('reader', 1);
    });
    expect(() =>
      file.transactRelaxed(() => {
        events.appendNow([record('b')]);
        file.cursors.set('reader', 2);
        throw new Error('on second thought');
      }),
    ).toThrow('on second thought');
    expect(file.cursors.get('reader')).toBe(1);
    expect(file.transact(() => events.appendNow([record('c')]))).toBe(2);
    expect(events.read(0, ALL).map(({ payload }) => payload)).toEqual(['a', 'c']);
  }));

test('cursors and gaps are kept', async () => {
  const path = temporaryPath();
  const gap: Gap = { reader: 'tempo', fromSeq: 3, toSeq: 9, from: 1.5, to: 2, rows: 7, reason: 'backlog' };
  const first = openStreamFile(path);
  first.cursors.set('tempo', 9);
  first.cursors.set('jaeger', 4);
  first.cursors.set('jaeger', 5);
  first.cursors.set('gone', 1);
  first.cursors.delete('gone');
  first.cursors.addGap({ ...gap, rows: 6 });
  first.cursors.addGap({ ...gap, reader: 'jaeger' });
  first.cursors.addGap(gap);
  expect(() => first.cursors.set('tempo', -1)).toThrow(RangeError);
  await first.close();
  const second = openStreamFile(path);
  expect(second.cursors.all()).toEqual(
    new Map([
      ['jaeger', 5],
      ['tempo', 9],
    ]),
  );
  expect(second.cursors.get('gone')).toBeUndefined();
  expect(second.cursors.gaps()).toEqual([gap, { ...gap, reader: 'jaeger' }]);
  expect(second.cursors.gaps('tempo')).toEqual([gap]);
  second.cursors.removeGap(gap);
  expect(second.cursors.gaps('tempo')).toEqual([]);
  expect(second.cursors.gaps()).toHaveLength(1);
  await second.close();
});

test('close stores what was accepted, and nothing after', async () => {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const stream = file.stream('events');
  const accepted = stream.append([record('a')]);
  const trimmed = stream.trimTo(1);
  const closed = file.close();
  const late = stream.append([record('b')]);
  await expect(late).rejects.toBeInstanceOf(StreamUnavailableError);
  expect(await accepted).toBe(1);
  await closed;
  expect(await trimmed).toBe(0);
  expect(() => stream.stats()).toThrow('was closed');
  expect(() => file.transact(() => 1)).toThrow('was closed');
  await file.close();
  const again = openStreamFile(path);
  expect(
    again
      .stream('events')
      .read(0, ALL)
      .map(({ payload }) => payload),
  ).toEqual(['a']);
  await again.close();
});

test('more than a commit should hold is split, and closing waits for all of it', async () => {
  const { recorder, heard } = listening();
  const path = temporaryPath();
  const file = openStreamFile(path, { recorder });
  const large = 'x'.repeat(MAX_GROUP_BYTES / 2 - 1000);
  const accepted = Array.from({ length: 5 }, () => file.stream('events').append([record(large)]));
  await file.close();
  expect(await Promise.all(accepted)).toEqual([1, 2, 3, 4, 5]);
  expect(heard.filter((line) => line.startsWith('aisix_stream_commit_callers'))).toEqual([
    'aisix_stream_commit_callers{streams} 2',
    'aisix_stream_commit_callers{streams} 2',
    'aisix_stream_commit_callers{streams} 1',
  ]);
});

test('a stream name is made of a-z and _, and means one object', () =>
  withFile(async (file) => {
    expect(file.stream('events')).toBe(file.stream('events'));
    for (const name of ['', 'a-b', 'A', 'a;drop table streams', 'a1', 'a\n']) {
      expect(() => file.stream(name)).toThrow(RangeError);
    }
  }));
