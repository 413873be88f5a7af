import type { ChangeAction } from '@aisix-observability/evidence';
import { wireKind } from '../redact/kinds.ts';

/** Stems of verbs, as they stand in names of events: `model.updated`, `CreateModel`, `delete_service`, `PATCH`. */
const VERBS: readonly (readonly [RegExp, ChangeAction])[] = [
  [/^(?:creat(?:e|ed|es|ing)|add(?:ed)?|insert(?:ed)?|post|import(?:ed)?)$/, 'create'],
  [/^(?:updat(?:e|ed|es|ing)|modif(?:y|ied)|chang(?:e|ed)|edit(?:ed)?|patch(?:ed)?|put|set|renam(?:e|ed))$/, 'update'],
  [/^(?:delet(?:e|ed|es|ing)|remov(?:e|ed)|destroy(?:ed)?)$/, 'delete'],
  [/^enabl(?:e|ed)$/, 'enable'],
  [/^disabl(?:e|ed)$/, 'disable'],
  [/^(?:rotat(?:e|ed)|regenerat(?:e|ed)|renew(?:ed)?)$/, 'rotate'],
  [/^revok(?:e|ed)$/, 'revoke'],
  [/^invit(?:e|ed)$/, 'invite'],
];

/** Longer ones are no names of events. */
const MAX_NAME_LENGTH = 256;

function wordsOf(name: string): string[] {
  return name
    .slice(0, MAX_NAME_LENGTH)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

function actionOfWord(word: string | undefined): ChangeAction | undefined {
  return word === undefined ? undefined : VERBS.find(([pattern]) => pattern.test(word))?.[1];
}

/** The action in the name of an event, at its end or its beginning; `other` when no verb is known. */
export function actionOf(name: string): ChangeAction {
  const words = wordsOf(name);
  return actionOfWord(words.at(-1)) ?? actionOfWord(words[0]) ?? 'other';
}

/**
 * The kind in the name of an event, in the singular of the wire contract: the last part before the verb
 * (`com.example.api_key.updated`), or all words after it (`CreateProviderKey`). Undefined where there is none.
 */
export function kindOf(name: string): string | undefined {
  const parts = name.slice(0, MAX_NAME_LENGTH).split(/[./:]+/);
  const last = wordsOf(parts.at(-1) ?? '');
  if (actionOfWord(last.join(' ')) !== undefined && parts.length > 1) parts.pop();
  const words = wordsOf(parts.at(-1) ?? '');
  if (actionOfWord(words.at(-1)) !== undefined) words.pop();
  else if (actionOfWord(words[0]) !== undefined) words.shift();
  const kind = words.join('_');
  return kind === '' || !/^[a-z]/.test(kind) ? undefined : wireKind(kind);
}
