import { type ObjectStoreTarget, type OtlpTarget, postTraces, putObject } from '../gateway/senders.ts';
import {
  type ObjectUpload,
  parseObjectLine,
  recordedLines,
  type StoryName,
  shiftBetween,
  shiftObject,
  shiftOtlpText,
} from '../recordings/index.ts';

/** One recorded delivery, moved in time only when it is sent: a story is large, and the first picture must not wait. */
interface Recorded {
  readonly receivedAt: number;
  readonly line: string;
  readonly feed: 'object' | 'otlp';
}

export interface ReplayTargets {
  readonly objectStore: ObjectStoreTarget;
  readonly otlp: OtlpTarget;
}

export interface ReplayOptions {
  readonly story: StoryName;
  readonly targets: ReplayTargets;
  /** Epoch milliseconds at which the story shall end. */
  readonly endAt: number;
  readonly signal: AbortSignal;
  /** How far its times are moved, before anything is sent. */
  readonly onBegin?: (shiftMs: number) => void;
  readonly onProgress: (done: number, of: number) => void;
  /** A delivery that was refused or not answered after all retries. */
  readonly onRefused: () => void;
}

/** Deliveries under way at a time: eleven minutes of two exporters in a few seconds. */
const IN_FLIGHT = 12;

const ARRIVAL = /^\{"at":"([^"]+)"/;

/** Both feeds of a recorded story in the order in which they arrived. */
function recordedDeliveries(story: StoryName): Recorded[] {
  const feed = (file: string, name: Recorded['feed']) =>
    recordedLines(story, file).map((line) => ({
      receivedAt: Date.parse(ARRIVAL.exec(line)?.[1] ?? ''),
      line,
      feed: name,
    }));
  return [...feed('objects.ndjson.gz', 'object'), ...feed('otlp.ndjson.gz', 'otlp')].sort(
    (a, b) => a.receivedAt - b.receivedAt,
  );
}

/** Posts a recorded story as signed uploads and OTLP, as fast as the server takes it, with its times moved to end at `endAt`. */
export async function replayStory(options: ReplayOptions): Promise<void> {
  const { story, targets, endAt, signal, onProgress, onRefused } = options;
  const deliveries = recordedDeliveries(story);
  const shiftMs = shiftBetween(deliveries.at(-1)?.receivedAt ?? endAt, endAt);
  options.onBegin?.(shiftMs);
  let next = 0;
  let done = 0;
  onProgress(0, deliveries.length);

  const worker = async () => {
    for (;;) {
      const delivery = deliveries[next++];
      if (delivery === undefined || signal.aborted) return;
      const sent =
        delivery.feed === 'object'
          ? await sendObject(shiftObject(parseObjectLine(delivery.line), shiftMs), targets.objectStore)
          : await postTraces(shiftOtlpText(delivery.line, shiftMs), targets.otlp);
      if (!sent.acked && !signal.aborted) onRefused();
      done += 1;
      onProgress(done, deliveries.length);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

const sendObject = ({ url, body }: ObjectUpload, target: ObjectStoreTarget) => putObject(url, body, target);
