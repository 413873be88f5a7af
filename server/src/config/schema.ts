import { OUTCOMES } from '@aisix-observability/evidence';
import { z } from 'zod';
import { ACCESS_SCOPES, STORE_DRIVERS } from './config.ts';
import { DEFAULT_BACKLOG_BYTES, SLOW_MILLIS } from './destinationDefaults.ts';
import {
  count,
  duration,
  environmentReference,
  flag,
  headers,
  httpUrl,
  leaf,
  list,
  oneOf,
  plainName,
  secret,
  section,
  share,
  size,
  text,
} from './leaves.ts';
import { LIMITS } from './limits.ts';
import { grafanaSchema, visibilitySchema } from './readersSchema.ts';
import { keyIn, REDACTION_KEY } from './redactionKey.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

const file = text('the path of a file');
const host = text('a host name or an IP address', /^[A-Za-z0-9.:_-]+$/, 253);
const dataPlane = text('the id of a data plane', /^[^\p{Cc}]{1,128}$/u, 128);
const bucketName = text('a bucket name of lower-case letters, digits, `.` and `-`', /^[a-z0-9][a-z0-9.-]{1,62}$/);
/** Normalised: no slash at either end. */
const prefix = leaf('a key prefix without `..` or control characters', (value) => {
  if (typeof value !== 'string' || value.length > 512 || /\p{Cc}/u.test(value)) return undefined;
  const bare = value.replace(/^\/+|\/+$/g, '');
  return bare.split('/').includes('..') ? undefined : bare;
});
const redactionKey = leaf(REDACTION_KEY, (value) => (typeof value === 'string' ? keyIn(value) : undefined));
const attributeName = text('the name of a span attribute', /^[A-Za-z0-9_.-]{1,128}$/);

const ingestTls = section({ cert_file: file, key_file: file, client_ca_file: file.optional() });
const apiTls = section({ cert_file: file, key_file: file });
const port = count('a port', 0, 65_535);

const bucketKeys = {
  bucket: bucketName,
  prefix: prefix.default(''),
  environment: environmentReference.optional(),
  data_plane: dataPlane.optional(),
};

const accessKey = section({ id: text('an access key id', /^[A-Za-z0-9_+=,.@/-]{1,128}$/), secret });

const inputTokens = list(
  section({ token: secret, environment: environmentReference.optional(), data_plane: dataPlane.optional() }),
);

const inputs = section({
  object_store: section({
    public_host: text('a host, with a port if it is not the default one', /^[A-Za-z0-9.:[\]_-]+$/, 260).optional(),
    access_keys: list(accessKey),
    buckets: list(section(bucketKeys)),
  }).optional(),
  follow_bucket: list(
    section({
      ...bucketKeys,
      name: plainName.optional(),
      endpoint: httpUrl.optional(),
      region: text('a region name', /^[A-Za-z0-9-]{1,64}$/).default('us-east-1'),
      credentials: accessKey.optional(),
      interval: duration(SECOND, 60 * MINUTE).default(10 * SECOND),
      since: duration(0, 3650 * DAY).optional(),
      force_path_style: flag.default(true),
    }),
  ).default([]),
  otlp: section({ tokens: inputTokens.default([]) }).optional(),
  telemetry: section({ tokens: inputTokens.default([]) }).optional(),
  keep_refused: flag.default(false),
});

const destination = section({
  name: plainName,
  endpoint: httpUrl,
  protocol: oneOf(['http/protobuf', 'http/json']).default('http/protobuf'),
  compression: oneOf(['gzip', 'none']).default('gzip'),
  headers: headers.default({}),
  tls: section({ ca_file: file.optional(), cert_file: file.optional(), key_file: file.optional() }).optional(),
  sampling: section({ ratio: share.default(1), slow: duration(1, DAY).default(SLOW_MILLIS) }).optional(),
  filter: section({
    environments: list(environmentReference).optional(),
    outcomes: list(oneOf(OUTCOMES)).optional(),
  }).optional(),
  redaction: section({
    drop: list(attributeName).default([]),
    hash: list(attributeName).default([]),
  }).optional(),
  trace_id: oneOf(['inherit', 'fresh']).default('inherit'),
  max_backlog: size(MIB, 1024 * GIB).default(DEFAULT_BACKLOG_BYTES),
  timeout: duration(100, 10 * MINUTE).default(10 * SECOND),
  legacy_genai: flag.default(false),
  resource_attributes: z
    .record(
      z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/, 'the name of a resource attribute'),
      text('a text', /^[^\p{Cc}]*$/u, 256),
      'a section of names and texts',
    )
    .default({}),
});

const limits = section(
  Object.fromEntries(
    Object.values(LIMITS).map((spec) => [
      spec.key,
      {
        size: () => size(spec.min, spec.max),
        duration: () => duration(spec.min, spec.max),
        count: () => count('a number', spec.min, spec.max),
      }
        [spec.unit]()
        .default(spec.initial),
    ]),
  ),
);

/** Sections of the shape whose feature this version does not have: accepted, ignored, and said so. */
export const LATER_SECTIONS = ['audit', 'annotations'] as const;

/** The file, in its own words. Every default of a present section stands here; absent sections are filled later. */
export const FILE_SCHEMA = section({
  data_dir: text('the path of a directory').default('./data'),
  ingest: section({
    host: host.default('127.0.0.1'),
    port: port.default(14_318),
    tls: ingestTls.optional(),
  }).optional(),
  api: section({ host: host.default('127.0.0.1'), port: port.default(14_319), tls: apiTls.optional() }).optional(),
  environments: list(section({ id: environmentReference, name: environmentReference.optional() })).optional(),
  inputs: inputs.optional(),
  destinations: list(destination).default([]),
  grafana: grafanaSchema.default([]),
  visibility: visibilitySchema.optional(),
  access: section({
    tokens: list(
      section({
        name: plainName,
        token: secret,
        scopes: list(oneOf(ACCESS_SCOPES)),
        environments: list(environmentReference).optional(),
      }),
    ).default([]),
  }).optional(),
  store: section({
    driver: oneOf(STORE_DRIVERS).default('duckdb'),
    memory: size(256 * MIB, 1024 * GIB).default(GIB),
  }).optional(),
  retention: section({
    requests: duration(60 * MINUTE, 3650 * DAY).default(30 * DAY),
    changes: duration(60 * MINUTE, 3650 * DAY).default(400 * DAY),
  }).optional(),
  redaction: section({ key: redactionKey.optional(), key_file: file.optional() }).optional(),
  limits: limits.optional(),
  telemetry: section({
    endpoint: leaf('an http:// or https:// URL, or an empty text for off', (value) =>
      value === '' ? value : httpUrl.safeParse(value).data,
    ).default(''),
    headers: headers.default({}),
  }).optional(),
  audit: z.unknown().optional(),
  annotations: z.unknown().optional(),
});

export type ConfigFile = z.output<typeof FILE_SCHEMA>;
