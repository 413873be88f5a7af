import type { Marker } from './markerContent.ts';

/** Shown on the timeline before and after a marker. */
const AROUND_MILLIS = 30 * 60_000;

const PLACEHOLDER = /\{([a-z]*)\}/g;

/** Longer ones would not leave room for the text. */
const MAX_TEMPLATE_CHARACTERS = 2_000;

export type TimelineUrl = (marker: Marker) => string;

/**
 * Fills `{from}`, `{to}`, `{time}` (epoch milliseconds), `{environment}` and `{marker}` of a template, each encoded for
 * a URL.
 *
 * @throws AnnotationOptionsError when it is no http(s) URL or holds another placeholder.
 */
export function timelineUrl(template: string, refuse: (expected: string) => Error): TimelineUrl {
  const fill = (values: Readonly<Record<string, string>>): string =>
    template.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const known = { from: '0', to: '0', time: '0', environment: '', marker: '' };
  for (const [, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (!Object.hasOwn(known, name)) throw refuse(`placeholders ${Object.keys(known).join(', ')}; {${name}} is none`);
  }
  if (template.length > MAX_TEMPLATE_CHARACTERS) throw refuse(`at most ${MAX_TEMPLATE_CHARACTERS} characters`);
  if (!/^https?:\/\//.test(template) || !URL.canParse(fill(known))) throw refuse('an http: or https: URL');
  return ({ id, start, end, environment }) =>
    fill({
      from: String(start - AROUND_MILLIS),
      to: String(end + AROUND_MILLIS),
      time: String(start),
      environment: (environment ?? '').toWellFormed(),
      marker: id,
    });
}
