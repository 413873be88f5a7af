import type { GatewayRequest } from '../../model/request.ts';
import { createMemoryStore } from '../memory/memoryStore.ts';
import type { HashText } from '../memory/seen.ts';
import type { EvidenceStore, RequestVersion } from '../store.ts';

/** A store as the suite gets it. */
export interface OpenedStore {
  readonly store: EvidenceStore;
  /** Closes the store and opens it again from what it kept. */
  reopen(): Promise<EvidenceStore>;
  /** Closes the store and throws away what it kept. */
  close(): Promise<void>;
}

/** Opens a new, empty store. */
export type OpenStore = () => Promise<OpenedStore>;

export interface ConformanceOptions {
  /** The hash that the opened stores use for hashed fields. */
  readonly hash: HashText;
  /** Runs of each property; fewer for a driver whose queries are slow. */
  readonly runs?: number;
  /**
   * False for a second run of a driver in another state (everything rolled up), where what is read row by row would only
   * be the same again: filters, pages, refusals, tails, interrupts.
   *
   * @default true
   */
  readonly rows?: boolean;
}

export interface Conformance extends ConformanceOptions {
  readonly open: OpenStore;
  readonly runs: number;
}

/** Versions of requests, numbered as a stream would number them. */
export function numbered(requests: readonly GatewayRequest[], from = 1): RequestVersion[] {
  return requests.map((request, at) => ({ seq: from + at, json: JSON.stringify(request) }));
}

/** A store and its oracle, which get the same. */
export class Rig {
  readonly #opened: OpenedStore;
  #store: EvidenceStore;
  readonly oracle: EvidenceStore;
  #seq = 0;

  private constructor(opened: OpenedStore, hash: HashText) {
    this.#opened = opened;
    this.#store = opened.store;
    this.oracle = createMemoryStore({ hash });
  }

  static async open({ open, hash }: Pick<Conformance, 'open' | 'hash'>): Promise<Rig> {
    return new Rig(await open(), hash);
  }

  get store(): EvidenceStore {
    return this.#store;
  }

  /** Position of the last version that was given. */
  get seq(): number {
    return this.#seq;
  }

  get both(): readonly EvidenceStore[] {
    return [this.#store, this.oracle];
  }

  /** Gives requests to both, each as a version later than all before. */
  async apply(requests: readonly GatewayRequest[], batch = requests.length): Promise<void> {
    for (let at = 0; at < requests.length; at += batch) {
      const versions = numbered(requests.slice(at, at + batch), this.#seq + 1);
      this.#seq += versions.length;
      for (const store of this.both) await store.apply(versions, this.#seq);
    }
  }

  async reopen(): Promise<void> {
    this.#store = await this.#opened.reopen();
  }

  async close(): Promise<void> {
    await this.#opened.close();
    await this.oracle.close();
  }
}
