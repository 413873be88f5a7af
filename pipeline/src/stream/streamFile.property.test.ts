import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStreamFile } from './openStreamFile.ts';
import type { Stream, StreamFile, StreamRecord } from './stream.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

interface ModelRow extends StreamRecord {
  readonly seq: number;
}

/** What a stream file should be, in memory. */
class Model {
  rows: ModelRow[] = [];
  lastSeq = 0;
  cursors = new Map<string, number>();

  append(records: readonly StreamRecord[]): number {
    for (const record of records) {
      this.lastSeq += 1;
      this.rows.push({ ...record, seq: this.lastSeq });
    }
    return this.lastSeq;
  }

  bytes(after: number): number {
    return this.rows
      .filter(({ seq }) => seq > after)
      .reduce((sum, { payload, memo = '' }) => sum + Buffer.byteLength(payload) + Buffer.byteLength(memo), 0);
  }
}

interface Real {
  file: StreamFile;
  stream: Stream;
  reader: StreamFile;
  readonly path: string;
}

const open = (path: string): Real => {
  const file = openStreamFile(path);
  return { file, stream: file.stream('events'), reader: openStreamFile(path, { readOnly: true }), path };
};

const close = async ({ file, reader }: Real): Promise<void> => {
  await reader.close();
  await file.close();
};

const bare = ({ seq, at, payload }: ModelRow) => ({ seq, at, payload });
const KEYS = 4;

const aRecord: fc.Arbitrary<StreamRecord> = fc
  .record({
    payload: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.nat(6000).map((length) => 'x'.repeat(length)),
    ),
    at: fc.nat(100),
    key: fc.option(fc.bigInt({ min: 0n, max: BigInt(KEYS - 1) }), { nil: undefined }),
    memo: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
  })
  .map(({ payload, at, key, memo }) => ({
    payload,
    at,
    ...(key === undefined ? {} : { key }),
    ...(memo === undefined ? {} : { memo }),
  }));
/** Now and then enough rows to fill a block of times or a step of trimming. */
const someRecords = fc.oneof(
  { weight: 8, arbitrary: fc.array(aRecord, { maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 200, max: 1500 }), fc.nat(100))
      .map(([count, at]) => Array.from({ length: count }, () => ({ payload: 'many', at }))),
  },
);

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

function readsEqual(model: Model, stream: Stream, after: number, rows: number): void {
  const expected = model.rows.filter(({ seq }) => seq > after).slice(0, rows);
  expect(stream.read(after, { rows, bytes: 1e9 })).toEqual(expected.map(bare));
  expect(stream.bytesAfter(after)).toBe(model.bytes(after));
}

const commands = [
  fc.array(someRecords, { minLength: 1, maxLength: 4 }).map((calls) =>
    command(`append ${calls.map((call) => call.length)}`, async (model, { stream }) => {
      const expected = calls.map((call) => model.append(call));
      const actual = await Promise.all(calls.map((call) => stream.append(call)));
      // An empty call has nothing to wait for, so that it tells the position before the others.
      for (const [index, call] of calls.entries()) if (call.length > 0) expect(actual[index]).toBe(expected[index]);
    }),
  ),
  fc.tuple(someRecords, fc.nat(3000), fc.boolean()).map(([records, cursor, fails]) =>
    command(`transact ${records.length} ${fails ? 'and fail' : ''}`, async (model, { file, stream }) => {
      const work = (): void => {
        stream.appendNow(records);
        file.cursors.set(`reader${cursor % 3}`, cursor);
        if (fails) throw new Error('on purpose');
      };
      if (fails) {
        expect(() => file.transact(work)).toThrow('on purpose');
        return;
      }
      file.transact(work);
      model.append(records);
      model.cursors.set(`reader${cursor % 3}`, cursor);
    }),
  ),
  fc.nat(3000).map((back) =>
    command(`trim all but ${back}`, async (model, { stream }) => {
      const to = model.lastSeq - back;
      const before = model.rows.length;
      model.rows = model.rows.filter(({ seq }) => seq > to);
      expect(await stream.trimTo(to)).toBe(before - model.rows.length);
    }),
  ),
  fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 50 }), fc.boolean()).map(([back, rows, other]) =>
    command(`read ${rows} from ${back} before the end`, async (model, { stream, reader }) => {
      readsEqual(model, other ? reader.stream('events') : stream, Math.max(0, model.lastSeq - back), rows);
    }),
  ),
  fc.tuple(fc.nat(100), fc.nat(100), fc.nat(1500), fc.integer({ min: 1, max: 2000 })).map(([from, to, back, rows]) =>
    command(`read between ${from} and ${to}`, async (model, { stream, reader }) => {
      const after = Math.max(0, model.lastSeq - back);
      const expected = model.rows.filter(({ seq, at }) => seq > after && at >= from && at <= to).slice(0, rows);
      for (const side of [stream, reader.stream('events')]) {
        expect(side.readBetween({ from, to, after }, { rows, bytes: 1e9 })).toEqual(expected.map(bare));
        const first = model.rows.find(({ at }) => at >= from);
        expect(side.seqBefore(from)).toBe(first === undefined ? model.lastSeq : first.seq - 1);
      }
    }),
  ),
  fc.nat(KEYS - 1).map((key) =>
    command(`by key ${key}`, async (model, { stream }) => {
      const expected = model.rows.filter((row) => row.key === BigInt(key));
      expect(stream.byKey(BigInt(key))).toEqual(expected.map((row) => ({ ...bare(row), memo: row.memo ?? null })));
    }),
  ),
  fc.constant(
    command('compare the whole', async (model, { file, stream, reader }) => {
      const rows = model.rows.length;
      const expected = {
        rows,
        bytes: model.bytes(0),
        firstSeq: model.rows[0]?.seq ?? (model.lastSeq === 0 ? 0 : model.lastSeq + 1),
        lastSeq: model.lastSeq,
        ...(rows > 0 ? { oldestAt: model.rows[0]?.at } : {}),
      };
      expect(stream.stats()).toEqual(expected);
      expect(reader.stream('events').stats()).toEqual(expected);
      expect(file.cursors.all()).toEqual(new Map([...model.cursors].sort()));
      expect(reader.cursors.all()).toEqual(file.cursors.all());
    }),
  ),
  fc.constant(
    command('close and open again', async (_model, real) => {
      await close(real);
      Object.assign(real, open(real.path));
    }),
  ),
];

test('a stream file behaves like lists in memory, whatever is done to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), async (sequence) => {
      const real = open(temporaryPath());
      try {
        await fc.asyncModelRun(() => ({ model: new Model(), real }), sequence);
      } finally {
        await close(real);
      }
    }),
    { numRuns: 60 },
  );
});
