import { POLL_PRESETS } from '@aisix-observability/audit-bridge';
import { z } from 'zod';
import { POLLED_FIELDS, type PolledFieldKey, WATCH_KINDS } from './audit.ts';
import {
  count,
  duration,
  environmentReference,
  httpUrl,
  leaf,
  list,
  oneOf,
  plainName,
  secret,
  section,
  text,
} from './leaves.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;

/** Bytes that Standard Webhooks asks of a secret at least; shorter ones can be guessed. */
const MIN_SECRET_BYTES = 24;

const file = text('the path of a file');
const dataPlane = text('the id of a data plane', /^[^\p{Cc}]{1,128}$/u, 128);
const auditPath = text(
  'a path below `/audit/` of letters, digits, `.`, `_`, `-` and `/`',
  /^\/audit(\/[A-Za-z0-9._-]{1,64}){1,4}$/,
);
const pointer = text('a JSON pointer like `/data/id`', /^\/[^\p{Cc}]*$/u, 256);
const rowsPointer = leaf('a JSON pointer like `/list`, or an empty text where the answer is the list', (value) =>
  value === '' ? value : pointer.safeParse(value).data,
);
const word = text('a name of a parameter or header', /^[A-Za-z0-9_.[\]-]{1,64}$/, 64);

/** Of Standard Webhooks 1.0. */
export const signingSecret = leaf(
  `\`whsec_\` and at least ${MIN_SECRET_BYTES} random bytes in base64 (\`openssl rand -base64 32\`)`,
  (value) => {
    if (typeof value !== 'string') return undefined;
    const base64 = value.startsWith('whsec_') ? value.slice('whsec_'.length) : value;
    const bytes = Buffer.from(base64, 'base64');
    return bytes.length >= MIN_SECRET_BYTES && bytes.toString('base64') === base64 ? value : undefined;
  },
);

const pointers = leaf(
  'a JSON pointer like `/data/id`, or a list of them of which the first with a value counts',
  (value) => {
    const several = Array.isArray(value) ? value : [value];
    const read = several.map((one) => pointer.safeParse(one).data);
    return read.length > 0 && read.every((one) => one !== undefined)
      ? Array.isArray(value)
        ? read
        : read[0]
      : undefined;
  },
);
const optionalPointers = pointers.optional();

const tls = section({ ca_file: file.optional(), cert_file: file.optional(), key_file: file.optional() });

const webhook = section({
  name: plainName.optional(),
  path: auditPath,
  secrets: list(signingSecret),
  environment: environmentReference.optional(),
});

const agent = section({
  name: plainName.optional(),
  secrets: list(signingSecret),
  environment: environmentReference.optional(),
  data_plane: dataPlane,
});

/** Which keys a kind needs is checked where the whole entry is seen, so that an error can name the key. */
const watch = section({
  kind: oneOf(WATCH_KINDS),
  name: plainName.optional(),
  environment: environmentReference.optional(),
  data_plane: dataPlane.optional(),
  path: file.optional(),
  url: httpUrl.optional(),
  endpoints: list(httpUrl).optional(),
  prefix: text('a prefix of keys like `/aisix/<environment>`', /^\/[^\p{Cc}]*$/u, 512).optional(),
  tls: tls.optional(),
  interval: duration(100, 60 * MINUTE).optional(),
});

const paging = section({
  type: oneOf(['none', 'page', 'cursor']),
  param: word.optional(),
  first: count('the number of the first page', 0, 1).optional(),
  total: optionalPointers,
  next: optionalPointers,
});

const poll = section({
  name: plainName.optional(),
  preset: oneOf(Object.keys(POLL_PRESETS) as (keyof typeof POLL_PRESETS)[]).optional(),
  url: httpUrl,
  token: secret.optional(),
  interval: duration(SECOND, 60 * MINUTE).default(15 * SECOND),
  overlap: duration(0, DAY).optional(),
  since: duration(0, 3650 * DAY).optional(),
  environment: environmentReference.optional(),
  rows: rowsPointer.optional(),
  fields: section(
    Object.fromEntries(Object.keys(POLLED_FIELDS).map((key) => [key, optionalPointers])) as Record<
      PolledFieldKey,
      typeof optionalPointers
    >,
  ).optional(),
  format: oneOf(['canonical', 'cloudevents']).optional(),
  paging: paging.optional(),
  from: section({ param: word, unit: oneOf(['seconds', 'millis', 'rfc3339']).default('rfc3339') }).optional(),
  query: z
    .record(z.string(), text('a value of a parameter', /^[^\p{Cc}]*$/u, 256), 'a section of parameters')
    .optional(),
  auth: section({
    header: word.default('authorization'),
    prefix: leaf('a text', (value) =>
      typeof value === 'string' && value.length <= 64 && !/\p{Cc}/u.test(value) ? value : undefined,
    ).default('Bearer '),
  }).optional(),
});

/** Where configuration changes come from. */
export const auditSchema = section({
  webhooks: list(webhook).default([]),
  agents: list(agent).default([]),
  watch: list(watch).default([]),
  poll: list(poll).default([]),
  publish_head: duration(SECOND, DAY).default(5 * MINUTE),
});

/** Grafanas in which they are drawn. */
export const annotationsSchema = list(
  section({
    name: plainName,
    url: httpUrl,
    token: text('the token of a service account', /^[\x21-\x7e]+$/),
    org_id: count('the id of a Grafana organization', 1, Number.MAX_SAFE_INTEGER).optional(),
    detail: oneOf(['neutral', 'named']).default('neutral'),
    environments: list(environmentReference).optional(),
    timeline_url: text(
      'an http:// or https:// URL, which may hold {from}, {to}, {time}, {environment} and {marker}',
      /^https?:\/\/[^\s{}]*(?:\{(?:from|to|time|environment|marker)\}[^\s{}]*)*$/,
      2000,
    ).optional(),
  }),
);
