import { namesSecret, withoutSecrets } from '@aisix-observability/evidence';
import { namesContent } from './content.ts';
import { isObject } from './fields.ts';
import {
  MAX_EXTRA_BYTES,
  MAX_EXTRA_DEPTH,
  MAX_EXTRA_KEY_LENGTH,
  MAX_EXTRA_KEYS,
  MAX_EXTRA_NODES,
  MAX_EXTRA_STRING_LENGTH,
} from './limits.ts';
import { increase, type Tally } from './tally.ts';
import { cleanText, cutText } from './text.ts';

/** Names that would reach into the prototype of whatever object they are copied to. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const NOT_KEPT = Symbol('not kept');

/**
 * Fields that this version does not know, one event's worth: bounded in number, bytes, depth and time; prompts and
 * answers dropped, secrets replaced, by name and by pattern.
 */
export class ExtraFields {
  readonly #tally: Tally;
  readonly #kept: Record<string, unknown> = {};
  #keys = 0;
  #bytes = 2;
  #nodes = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  add(name: string, value: unknown): void {
    if (value === null || value === '') return;
    const key = this.#key(name);
    if (key === undefined || this.#keys >= MAX_EXTRA_KEYS) {
      this.#drop();
      return;
    }
    this.#nodes = 0;
    const taken = this.#take(key, value, 1);
    if (taken === NOT_KEPT) return;
    const bytes = Buffer.byteLength(JSON.stringify(taken)) + Buffer.byteLength(JSON.stringify(key)) + 2;
    if (this.#bytes + bytes > MAX_EXTRA_BYTES) {
      this.#drop();
      return;
    }
    this.#bytes += bytes;
    this.#keys += 1;
    this.#kept[key] = taken;
  }

  /** Undefined when nothing was kept. */
  result(): Record<string, unknown> | undefined {
    return this.#keys === 0 ? undefined : this.#kept;
  }

  #drop(): void {
    increase(this.#tally.dropped, 'extra');
  }

  /** A name that may itself be a secret or a text is no name. */
  #key(name: string): string | undefined {
    if (name === '' || name.length > MAX_EXTRA_KEY_LENGTH || PROTOTYPE_NAMES.has(name)) return undefined;
    return /^[\x20-\x7e]+$/.test(name) && withoutSecrets(name, new Map()) === name ? name : undefined;
  }

  #take(key: string, value: unknown, depth: number): unknown {
    if (typeof value === 'boolean') return value;
    if (namesSecret(key)) {
      increase(this.#tally.secrets, 'named_field');
      return '[redacted:named_field]';
    }
    if (typeof value === 'number') return Number.isFinite(value) ? value : this.#refuse();
    if (namesContent(key)) {
      increase(this.#tally.content, 'extra');
      return NOT_KEPT;
    }
    return this.#takeValue(value, depth);
  }

  #takeValue(value: unknown, depth: number): unknown {
    this.#nodes += 1;
    if (this.#nodes > MAX_EXTRA_NODES || depth > MAX_EXTRA_DEPTH) return this.#refuse();
    if (typeof value === 'string') {
      return withoutSecrets(cleanText(cutText(value, MAX_EXTRA_STRING_LENGTH)), this.#tally.secrets);
    }
    if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
    if (Array.isArray(value)) return this.#takeList(value, depth);
    if (isObject(value)) return this.#takeObject(value, depth);
    return this.#refuse();
  }

  #takeList(list: readonly unknown[], depth: number): unknown {
    const kept: unknown[] = [];
    for (const item of list) {
      if (this.#nodes > MAX_EXTRA_NODES) break;
      if (item === null) continue;
      const taken = this.#takeValue(item, depth + 1);
      if (taken !== NOT_KEPT) kept.push(taken);
    }
    return kept;
  }

  #takeObject(object: Record<string, unknown>, depth: number): unknown {
    const kept: Record<string, unknown> = {};
    for (const name in object) {
      if (this.#nodes > MAX_EXTRA_NODES) break;
      if (object[name] === null) continue;
      const key = this.#key(name);
      const taken = key === undefined ? this.#refuse() : this.#take(key, object[name], depth + 1);
      if (key !== undefined && taken !== NOT_KEPT) kept[key] = taken;
    }
    return kept;
  }

  #refuse(): typeof NOT_KEPT {
    this.#drop();
    return NOT_KEPT;
  }
}
