import type { ChangeAction } from '@aisix-observability/evidence';
import { printable } from '@aisix-observability/pipeline';
import type { Marker, MarkerChange } from './markerContent.ts';

/** `neutral` tells kind, action and environment; `named` also how the resource is called. */
export type AnnotationDetail = 'neutral' | 'named';

/** Changes of a burst that are named; the rest is a number. */
export const MAX_NAMED = 5;

/** Kinds of a burst that are told. */
const MAX_KINDS = 6;

/** Of names and environments. */
const NAME_CHARACTERS = 80;

const KIND_WORDS: Readonly<Record<string, string>> = {
  a2a_agent: 'A2A agent',
  api_key: 'API key',
  mcp_server: 'MCP server',
};

const ACTION_WORDS: Readonly<Record<ChangeAction, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  enable: 'enabled',
  disable: 'disabled',
  rotate: 'rotated',
  revoke: 'revoked',
  invite: 'invited',
  other: 'changed',
};

const OUTCOME_WORDS: Readonly<Record<MarkerChange['outcome'], string>> = {
  done: '',
  failed: ', which failed',
  rejected: ', refused by a data plane',
};

/**
 * The text of an annotation, HTML: "Model updated (prod)" or "7 changes (prod): model, guardrail". Viewers and
 * anonymous people read it, so it never says who or what value.
 *
 * @param timelineUrl where the link leads; none without it.
 */
export function annotationText(marker: Marker, detail: AnnotationDetail, timelineUrl?: string): string {
  const place = marker.environment === null ? 'organization' : shown(marker.environment);
  const [only] = marker.changes;
  const text = marker.count === 1 && only !== undefined ? single(only, place, detail) : several(marker, place, detail);
  return timelineUrl === undefined ? text : `${text} <a href="${escapeHtml(timelineUrl)}">Timeline</a>`;
}

function single(change: MarkerChange, place: string, detail: AnnotationDetail): string {
  const { kind, action, outcome, name, previousName } = change;
  const head = `${capitalised(kindWords(kind))} ${ACTION_WORDS[action]} (${place})${OUTCOME_WORDS[outcome]}`;
  if (detail === 'neutral' || name === undefined) return head;
  return `${head}: ${shown(name)}${previousName === undefined ? '' : `, previously ${shown(previousName)}`}`;
}

function several({ count, kinds, changes }: Marker, place: string, detail: AnnotationDetail): string {
  const told = kinds.slice(0, MAX_KINDS).map(kindWords).join(', ');
  const head = `${count} changes (${place}): ${told}${kinds.length > MAX_KINDS ? ', …' : ''}`;
  const names = new Set(changes.flatMap(({ name }) => (name === undefined ? [] : [shown(name)])));
  if (detail === 'neutral' || names.size === 0) return head;
  return `${head}: ${[...names].slice(0, MAX_NAMED).join(', ')}${names.size > MAX_NAMED || count > changes.length ? ', …' : ''}`;
}

function kindWords(kind: string): string {
  return KIND_WORDS[kind] ?? shown(kind.replaceAll('_', ' '));
}

function capitalised(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** Foreign text on one line, cut, without anything that Grafana could take for markup. */
function shown(text: string): string {
  return escapeHtml(printable(text, NAME_CHARACTERS));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
