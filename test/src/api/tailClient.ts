import type { GatewayRequest } from '@aisix-observability/evidence';

export interface TailLine {
  readonly cursor: string;
  readonly requests?: readonly GatewayRequest[];
  readonly heartbeat?: number;
  readonly missed?: { readonly from: number; readonly to: number };
  readonly end?: string;
}

/** Reads the lines of a tail one by one, and only when asked to. */
export class TailClient {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error('no body');
    this.#reader = response.body.getReader();
  }

  async next(): Promise<TailLine> {
    let end = this.#rest.indexOf('\n');
    while (end === -1) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error('the tail ended');
      this.#rest += this.#decoder.decode(value, { stream: true });
      end = this.#rest.indexOf('\n');
    }
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line) as TailLine;
  }

  /** Ids of the next requests, over as many lines as they take. */
  async ids(count: number): Promise<string[]> {
    const found: string[] = [];
    while (found.length < count) {
      found.push(...((await this.next()).requests ?? []).map(({ requestId }) => requestId));
    }
    return found;
  }

  /** The line before the end. */
  async last(): Promise<TailLine | undefined> {
    let last: TailLine | undefined;
    for (;;) {
      const line = await this.next().catch(() => undefined);
      if (line === undefined) return last;
      last = line;
    }
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}
