import type { AnnotationDetail } from './annotationText.ts';
import { type TimelineUrl, timelineUrl } from './timelineUrl.ts';

/** One organization of one Grafana. */
export interface GrafanaTarget {
  /** Letters, digits, `.`, `_`, `-`, at most 64; stable: what is known of its annotations is kept under it. */
  readonly name: string;
  /** Where Grafana answers, with its sub-path if it has one. */
  readonly url: string;
  /** Of a service account of the organization. */
  readonly token: string;
  /** Checked against the token's, where the token may ask. */
  readonly orgId?: number;
  readonly detail: AnnotationDetail;
  /** See `timelineUrl`. */
  readonly timelineUrl?: string;
  /** Ids; where there is a list, nothing of other environments, nor of the whole organization, is drawn. */
  readonly environments?: readonly string[];
}

/** An option makes no sense; the message says which and what is expected, without its value. */
export class AnnotationOptionsError extends Error {
  readonly code = 'annotation_options';

  constructor(option: string, expected: string) {
    super(`annotation option "${option}": expected ${expected}`);
    this.name = 'AnnotationOptionsError';
  }
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/;

export interface CheckedTarget {
  readonly baseUrl: URL;
  /** The same as long as ids of annotations mean the same. */
  readonly identity: string;
  readonly link: TimelineUrl | undefined;
}

/** @throws AnnotationOptionsError */
export function checkTarget(target: GrafanaTarget): CheckedTarget {
  const refuse = (option: string, expected: string) => new AnnotationOptionsError(option, expected);
  if (!NAME.test(target.name)) throw refuse('name', 'letters, digits, ".", "_", "-", at most 64');
  const baseUrl = URL.parse(target.url);
  if (baseUrl === null || !/^https?:$/.test(baseUrl.protocol)) throw refuse('url', 'an http: or https: URL');
  if (baseUrl.username !== '' || baseUrl.password !== '' || baseUrl.search !== '' || baseUrl.hash !== '') {
    throw refuse('url', 'no user, password, query or fragment');
  }
  if (!/^[\x21-\x7e]+$/.test(target.token)) throw refuse('token', 'visible ASCII characters');
  const link =
    target.timelineUrl === undefined
      ? undefined
      : timelineUrl(target.timelineUrl, (expected) => refuse('timeline_url', expected));
  const identity = JSON.stringify([baseUrl.href, target.orgId ?? null]);
  return { baseUrl, identity, link };
}
