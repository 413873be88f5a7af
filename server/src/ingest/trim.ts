import type { Log, Stream } from '@aisix-observability/pipeline';

/**
 * Trims a stream in the background: the newest position asked for, one trim at a time. A trim that fails is tried
 * again with the next call; until then the stream only holds more than it must.
 */
export function createTrimmer(stream: Stream, log: Log): { to(seq: number): void; idle(): Promise<void> } {
  let wanted = 0;
  let done = 0;
  let running: Promise<void> | undefined;
  const run = async () => {
    try {
      while (wanted > done) {
        const target = wanted;
        await stream.trimTo(target);
        done = target;
      }
    } catch (error) {
      log('warn', 'The stream of deliveries could not be trimmed; it will be tried again.', { error });
    } finally {
      running = undefined;
    }
  };
  return {
    to(seq) {
      wanted = Math.max(wanted, seq);
      if (running === undefined && wanted > done) running = run();
    },
    async idle() {
      await running;
    },
  };
}
