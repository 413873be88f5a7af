import { silentLog } from '@aisix-observability/pipeline';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EchoCalls } from './testing/echoThread.ts';
import { startThread, ThreadStoppedError } from './thread.ts';

async function start(data: { failAtStart?: boolean } = {}) {
  const heard: string[] = [];
  const stops: Error[] = [];
  const thread = await startThread<EchoCalls, string, string>({
    module: new URL('./testing/echoThread.ts', import.meta.url),
    name: 'echo-thread',
    data,
    log: silentLog,
    onNotice: (notice) => heard.push(notice),
    onStopped: (cause) => stops.push(cause),
  });
  onTestFinished(() => thread.end());
  return { thread, heard, stops };
}

describe('a thread', () => {
  it('answers calls and tells what it was not asked', async () => {
    const { thread, heard } = await start();
    await expect(Promise.all([thread.call('echo', 'a'), thread.call('echo', 'b')])).resolves.toEqual(['a', 'b']);
    thread.notify('you');
    await expect.poll(() => heard).toEqual(['before it is ready', 'heard you']);
  });

  it('hands over errors by name, message, code and field', async () => {
    const { thread } = await start();
    await expect(thread.call('refuse', { code: 'regex_invalid', field: 'filters[0]' })).rejects.toMatchObject({
      name: 'RangeError',
      message: 'refused',
      code: 'regex_invalid',
      field: 'filters[0]',
    });
  });

  it('hears that a caller does not wait any more', async () => {
    const { thread } = await start();
    const abort = new AbortController();
    const waiting = thread.call('wait', null, abort.signal);
    abort.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect.poll(() => thread.call('aborted', null)).toBe(1);
    await expect(thread.call('echo', 'late', abort.signal)).rejects.toThrow('gone');
  });

  it('that cannot start says why', async () => {
    await expect(start({ failAtStart: true })).rejects.toThrow('cannot start');
  });

  it('that ends by itself fails its calls and says so once it was not expected', async () => {
    const { thread, stops } = await start();
    await expect(thread.call('die', null)).rejects.toThrow(ThreadStoppedError);
    expect(stops).toHaveLength(1);
    await expect(thread.call('echo', 'x')).rejects.toMatchObject({ code: 'echo_thread_stopped' });
  });

  it('that breaks says so once, although it ends after its error', async () => {
    const { thread, stops } = await start();
    await expect(thread.call('break', null)).rejects.toThrow('nobody catches it');
    // Its end comes after its error, and fails what was asked in between.
    await expect(thread.call('echo', 'x')).rejects.toThrow(ThreadStoppedError);
    expect(stops.map(({ message }) => message)).toEqual(['nobody catches it']);
  });

  it('that was ended is no accident', async () => {
    const { thread, stops } = await start();
    await thread.end();
    await expect(thread.call('echo', 'x')).rejects.toThrow(ThreadStoppedError);
    expect(stops).toEqual([]);
  });
});
