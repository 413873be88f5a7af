import type { Marker } from './markerContent.ts';

/** Found again by it: 48 bits of the marker's id, which is all that the limit leaves room for. */
const EVENT_DIGITS = 12;

/** Grafana's own default of `[annotations] tags_length`, in bytes of the JSON list as Grafana estimates it. */
export const TAGS_JSON_BYTES = 500;

/** Grafana's column of a tag, in characters. */
const TAG_CHARACTERS = 100;

export const APPLICATION_TAG = 'aisix';

/** The tag by which the annotation of a marker is found when its id was lost. */
export function eventTag(markerId: string): string {
  return `evt_${markerId.slice(0, EVENT_DIGITS)}`;
}

/**
 * Bytes of a list of tags as Grafana counts them: the texts with quotes and commas, without escapes
 * (`validateTagsLength` of its annotation store).
 */
export function tagsJsonBytes(tags: readonly string[]): number {
  return tags.reduce((sum, tag, index) => sum + Buffer.byteLength(tag) + (index === 0 ? 2 : 3), 2);
}

/**
 * Tags of a marker, none twice: what it takes to find it always, then actions and kinds while the limit leaves room.
 * Grafana splits a tag at its first colon and loses what follows the second, so there is none in any.
 */
export function annotationTags(marker: Marker, limitBytes: number = TAGS_JSON_BYTES): string[] {
  const tags = [APPLICATION_TAG, eventTag(marker.id)];
  const environment = marker.environment === null ? [] : [tagOf('env', marker.environment)];
  const optional = [
    ...environment,
    ...marker.actions.map((action) => tagOf('action', action)),
    ...marker.kinds.map((kind) => tagOf('kind', kind)),
  ];
  for (const tag of optional) {
    if (tags.includes(tag)) continue;
    if (tagsJsonBytes([...tags, tag]) <= limitBytes) tags.push(tag);
  }
  return tags;
}

/** What would end a tag, split it, or make two of one that look alike. */
const UNSAFE = /[\p{C}\p{Z}:,"'\\<>&]+/gu;

function tagOf(key: string, value: string): string {
  const clean = value.toWellFormed().normalize('NFC').replace(UNSAFE, '_');
  return Array.from(`${key}_${clean}`).slice(0, TAG_CHARACTERS).join('');
}
