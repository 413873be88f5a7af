import type { ReceivedChange } from '../receivedChange.ts';
import { safeText } from './text.ts';

/** What was changed, by whom, and what became of it: `◆ update model gpt-4o  by alice, in force`. */
export function changeText({ action, kind, name, actor, state, inForce }: ReceivedChange): string {
  const what = `◆ ${safeText(action)} ${safeText(kind.replaceAll('_', ' '))}${name === undefined ? '' : ` ${safeText(name)}`}`;
  const who = actor === undefined ? 'seen on disk' : `by ${safeText(actor)}`;
  const became = state === 'rejected' ? ', refused' : inForce ? ', in force' : '';
  return `${what}  ${who}${became}`;
}
