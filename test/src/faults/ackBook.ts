import { CLIENT, type RequestTruth, type UsageRecord } from '../gateway/index.ts';
import type { OtlpSpan } from '../recordings/index.ts';
import type { SpanBook } from './spanBook.ts';

/** What the server acknowledged, to be held against what a backend got. */
export class AckBook {
  /** Attempt numbers that really were attempts, by request id. */
  readonly #truth = new Map<string, ReadonlySet<number>>();
  /** Acknowledged attempt numbers by request id. */
  readonly #acked = new Map<string, Set<number>>();
  /** Usage events and span records, repeated ones too. */
  records = 0;

  know({ requestId, attempts }: RequestTruth): void {
    this.#truth.set(requestId, new Set(attempts.map(({ index }) => index)));
  }

  acknowledged(records: readonly UsageRecord[], feed: 'usage' | 'span'): void {
    this.records += records.length;
    for (const { event, spans } of records) {
      let indices = this.#acked.get(event.request_id);
      if (indices === undefined) {
        indices = new Set();
        this.#acked.set(event.request_id, indices);
      }
      if (feed === 'usage' || spans.some(isAttempt)) indices.add(event.attempt_index);
    }
  }

  get requests(): number {
    return this.#acked.size;
  }

  /** Ids of requests of which anything was acknowledged. */
  get requestIds(): readonly string[] {
    return [...this.#acked.keys()];
  }

  /** Acknowledged facts that the backend never got: `<request id>` or `<request id>/<attempt index>`. */
  missingFrom(book: SpanBook): string[] {
    const missing: string[] = [];
    for (const [requestId, indices] of this.#acked) {
      if (!book.hasRequest(requestId)) missing.push(requestId);
      const attempts = this.#truth.get(requestId);
      for (const index of indices) {
        if (attempts?.has(index) === true && !book.hasAttempt(requestId, index)) missing.push(`${requestId}/${index}`);
      }
    }
    return missing;
  }
}

/** Endpoints that try once have no span of the attempt; what the SERVER span carries for it shows in the usage feed. */
function isAttempt({ kind, attributes }: OtlpSpan): boolean {
  return kind === CLIENT && attributes.some(({ key }) => key === 'aisix.attempt_index');
}
