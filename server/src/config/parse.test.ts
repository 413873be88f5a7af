import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configFrom, parseConfig } from './parse.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { showConfigError } from './show.ts';

const ENV = {
  ARCHIVE_SECRET: 'archive-secret-1',
  OTLP_TOKEN: 'otlp-token-1',
  TELEMETRY_TOKEN: 'telemetry-token-1',
  API_TOKEN: 'api-token-1',
  REDACTION_KEY: 'redaction-key-of-tests',
};
const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';

const read = (text: string, env: Record<string, string> = ENV) =>
  parseConfig(text, { env, baseDir: '/etc/aisix', source: 'config.yaml' });

function problemsOf(text: string, env?: Record<string, string>): readonly ConfigProblem[] {
  try {
    read(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const FULL = `
data_dir: ./data
ingest: { host: 127.0.0.1, port: 14318, tls: { cert_file: tls/cert.pem, key_file: /tls/key.pem, client_ca_file: tls/ca.pem } }
api: { host: 127.0.0.1, port: 14319, tls: { cert_file: tls/cert.pem, key_file: /tls/key.pem } }
environments:
  - { id: ${PROD}, name: prod }
  - { id: staging }
inputs:
  object_store:
    public_host: logs.example
    access_keys: [ { id: AKIDEXAMPLE, secret: "\${ARCHIVE_SECRET}" } ]
    buckets: [ { bucket: gateway-logs, prefix: /aisix/prod/, environment: prod, data_plane: dp-1 } ]
  follow_bucket:
    - { endpoint: "https://s3.example", region: eu-west-1, bucket: logs, prefix: a, credentials: { id: AK, secret: "\${ARCHIVE_SECRET}" }, interval: 10s, environment: prod }
  otlp: { tokens: [ { token: "\${OTLP_TOKEN}", environment: prod } ] }
  telemetry: { tokens: [ { token: "\${TELEMETRY_TOKEN}", environment: staging } ] }
destinations:
  - name: tempo
    endpoint: "http://tempo:4318"
    protocol: http/protobuf
    compression: gzip
    headers: {}
    sampling: { ratio: 0.25, slow: 2s }
    filter: { environments: [ prod ], outcomes: [ success, provider_error ] }
    redaction: { drop: [ client.address ], hash: [ aisix.api_key_id ] }
    trace_id: fresh
    max_backlog: 1GiB
    timeout: 5s
    legacy_genai: true
    resource_attributes: { service.name: gateway }
access:
  tokens: [ { name: scripts, token: "\${API_TOKEN}", scopes: [ requests, changes ], environments: [ prod ] } ]
retention: { requests: 30d, changes: 400d }
redaction: { key: "\${REDACTION_KEY}" }
limits: { stream_bytes: 2GiB, query_timeout: 15s, failed_grace: 1m30s }
telemetry: { endpoint: "" }
`;

describe('a configuration file', () => {
  it('becomes plain data with ids for environments, bytes, milliseconds and absolute paths', () => {
    const { config, warnings } = read(FULL);
    expect(warnings).toEqual([]);
    expect(structuredClone(config)).toEqual(config);
    expect(config).toMatchObject({
      dataDir: '/etc/aisix/data',
      ingest: {
        tls: { certFile: '/etc/aisix/tls/cert.pem', keyFile: '/tls/key.pem', clientCaFile: '/etc/aisix/tls/ca.pem' },
      },
      environments: [
        { id: PROD, name: 'prod' },
        { id: 'staging', name: 'staging' },
      ],
      inputs: {
        objectStore: {
          publicHost: 'logs.example',
          accessKeys: [{ id: 'AKIDEXAMPLE', secret: 'archive-secret-1' }],
          buckets: [{ bucket: 'gateway-logs', prefix: 'aisix/prod', environment: PROD, dataPlane: 'dp-1' }],
        },
        followBuckets: [
          { region: 'eu-west-1', bucket: 'logs', prefix: 'a', intervalMillis: 10_000, environment: PROD },
        ],
        otlp: { tokens: [{ token: 'otlp-token-1', environment: PROD }] },
        telemetry: { tokens: [{ token: 'telemetry-token-1', environment: 'staging' }] },
      },
      destinations: [
        {
          url: 'http://tempo:4318/v1/traces',
          sampling: { ratio: 0.25, slowMillis: 2000 },
          filter: { environments: [PROD], outcomes: ['success', 'provider_error'] },
          traceId: 'fresh',
          maxBacklogBytes: 2 ** 30,
          timeoutMillis: 5000,
          legacyGenai: true,
          resourceAttributes: { 'service.name': 'gateway' },
        },
      ],
      access: { tokens: [{ name: 'scripts', environments: [PROD] }] },
      retention: { requestsMillis: 30 * 86_400_000, changesMillis: 400 * 86_400_000 },
      redaction: { key: 'redaction-key-of-tests' },
      limits: {
        streamBytes: 2 * 2 ** 30,
        failedGraceMillis: 90_000,
        shutdownMillis: 8000,
        requestsAgeMillis: 86_400_000,
      },
    });
    expect(config.inputs.followBuckets[0]?.name).toMatch(/^logs-[0-9a-f]{8}$/);
  });

  it('may be empty: one environment, loopback, no input, no destination, and says what that means', () => {
    const { config, warnings } = read('');
    expect(config).toMatchObject({
      ingest: { host: '127.0.0.1', port: 14_318 },
      api: { host: '127.0.0.1', port: 14_319 },
      environments: [{ id: 'default', name: 'default' }],
      inputs: { followBuckets: [], keepRefused: false },
      destinations: [],
      telemetry: { endpoint: '' },
    });
    expect(warnings.join('\n')).toMatch(/no input[\s\S]*no destination/);
  });

  it('takes the only environment where none is named', () => {
    const { config } = read(`environments: [ { id: ${PROD} } ]\ninputs: { otlp: { tokens: [ { token: abcdefgh } ] } }`);
    expect(config.inputs.otlp?.tokens[0]?.environment).toBe(PROD);
  });

  it('ignores sections of later versions with a warning, and does not look into them', () => {
    const { warnings } = read(`${FULL}audit: { webhooks: [ { secrets: [ "\${NOT_SET}" ] } ] }\nannotations: 3\n`);
    expect(warnings).toEqual([
      'section `audit` is not supported by this version and is ignored',
      'section `annotations` is not supported by this version and is ignored',
    ]);
  });

  it('warns of what is open to the network', () => {
    const { warnings } = read(
      'ingest: { host: 0.0.0.0 }\napi: { host: "::" }\ninputs: { otlp: { tokens: [ { token: abcdefgh } ] } }\ndestinations: [ { name: a, endpoint: "http://b:1", headers: { authorization: x } } ]',
    );
    expect(warnings).toHaveLength(4);
    expect(warnings.join('\n')).toMatch(
      /`ingest`.*without TLS[\s\S]*`api`.*without TLS[\s\S]*access\.tokens[\s\S]*plain http/,
    );
  });
});

describe('environment variables', () => {
  it('stand for secrets, with defaults, and `$${` for the characters', () => {
    const text = (value: string) =>
      `destinations: [ { name: a, endpoint: "http://b", headers: { x: ${JSON.stringify(value)} } } ]`;
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are references of the file's own language
    const header = (value: string, env: Record<string, string>) =>
      read(text(value), env).config.destinations[0]?.headers.x;
    expect(header('Bearer ${A}-${B:-two}', { A: 'one' })).toBe('Bearer one-two');
    expect(header('$${A}', {})).toBe('${A}');
    expect(header('${A:-}x', {})).toBe('x');
    expect(problemsOf(text('${A}'), { A: '' })).toMatchObject([
      { path: 'destinations[0].headers.x', found: expect.stringContaining('${A}') },
    ]);
    expect(problemsOf(text('${A'), { A: 'x' })).toHaveLength(1);
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
  });

  it('that are missing are told once, and not again as a wrong value in their place', () => {
    const problems = problemsOf('ingest: { port: "$P" }'.replace(/\$(.)/g, '$${$1}'), {});
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ path: 'ingest.port', hint: expect.stringContaining('set P') });
  });

  it('may give numbers, sizes and flags', () => {
    const { config } = read(
      'ingest: { port: "$P" }\nlimits: { stream_bytes: "$S" }\ninputs: { keep_refused: "$K" }'.replace(
        /\$(.)/g,
        '$${$1}',
      ),
      { P: '0', S: '1GiB', K: 'true' },
    );
    expect([config.ingest.port, config.limits.streamBytes, config.inputs.keepRefused]).toEqual([0, 2 ** 30, true]);
  });

  it('define the destination when the file has none, by the rules of OpenTelemetry', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_EXPORTER_OTLP_HEADERS: 'a=b%20c' };
    expect(read('', env).config.destinations).toMatchObject([
      { name: 'otlp', url: 'http://collector:4318/v1/traces', protocol: 'http/protobuf', headers: { a: 'b c' } },
    ]);
    expect(read('destinations: [ { name: mine, endpoint: "http://b" } ]', env).config.destinations).toMatchObject([
      { name: 'mine' },
    ]);
    const bad = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hidden-pw@c', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    const problems = problemsOf('ingest: { port: -1 }', bad);
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'ingest.port',
    ]);
    expect(JSON.stringify(problems)).not.toContain('hidden-pw');
  });
});

/** What is wrong, where, what was found, what was expected, and a hint where there is one. */
const WRONG: readonly (readonly [
  text: string,
  path: string,
  found: string | RegExp,
  expected: RegExp,
  hint?: RegExp,
])[] = [
  ['prot: 1', 'prot', 'an unknown key "prot"', /one of data_dir/],
  ['ingest: { prot: 1 }', 'ingest.prot', 'an unknown key "prot"', /one of host, port, tls/, /`port`/],
  ['enviroments: []', 'enviroments', /unknown key/, /environments/, /`environments`/],
  ['ingest: { port: 70000 }', 'ingest.port', '70000', /port from 0 to 65535/],
  ['ingest: { port: 1.5 }', 'ingest.port', '1.5', /port/],
  ['ingest: { host: "a b" }', 'ingest.host', '"a b"', /host name/],
  ['ingest:', 'ingest', 'an empty value', /section/],
  ['ingest: [1]', 'ingest', 'a list', /section/],
  ['destinations: { a: 1 }', 'destinations', 'a section', /list/],
  ['just text', '', /"just text"/, /section/],
  ['limits: { stream_bytes: 4XB }', 'limits.stream_bytes', '"4XB"', /a size like 64MiB/],
  ['limits: { stream_bytes: 1KiB }', 'limits.stream_bytes', '"1KiB"', /from 1MiB to 1TiB/],
  ['limits: { shutdown: 8 }', 'limits.shutdown', '8', /with its unit like/],
  ['limits: { shutdown: 8 parsecs }', 'limits.shutdown', '"8 parsecs"', /with its unit like/],
  ['limits: { query_timout: 1s }', 'limits.query_timout', /unknown key/, /query_timeout/, /`query_timeout`/],
  ['destinations: [ { name: a } ]', 'destinations[0].endpoint', 'nothing', /URL/],
  [
    'destinations: [ { name: a, endpoint: "ftp://b" } ]',
    'destinations[0].endpoint',
    '"ftp://b"',
    /http:\/\/ or https:\/\//,
  ],
  ['destinations: [ { name: "a/b", endpoint: "http://b" } ]', 'destinations[0].name', '"a/b"', /letters, digits/],
  [
    'destinations: [ { name: a, endpoint: "http://b", protocol: grpc } ]',
    'destinations[0].protocol',
    '"grpc"',
    /http\/protobuf, http\/json/,
  ],
  [
    'destinations: [ { name: a, endpoint: "http://b", sampling: { ratio: 2 } } ]',
    'destinations[0].sampling.ratio',
    '2',
    /from 0 to 1/,
  ],
  [
    'destinations: [ { name: a, endpoint: "http://b", trace_id: new } ]',
    'destinations[0].trace_id',
    '"new"',
    /inherit, fresh/,
  ],
  [
    'destinations: [ { name: a, endpoint: "http://b", filter: { outcomes: [ sucess ] } } ]',
    'destinations[0].filter.outcomes[0]',
    '"sucess"',
    /success/,
  ],
  [
    'destinations: [ { name: a, endpoint: "http://b", headers: { "x y": z } } ]',
    'destinations[0].headers["x y"]',
    /other characters/,
    /header name/,
  ],
  [
    'destinations: [ { name: a, endpoint: "http://b" }, { name: a, endpoint: "http://c" } ]',
    'destinations[1].name',
    '"a"',
    /entry 0/,
  ],
  ['environments: []', 'environments', 'an empty list', /at least one/],
  [
    'environments: [ { id: a, name: b }, { id: b } ]',
    'environments[1].id',
    '"b"',
    /neither the id nor the name of environment 0/,
  ],
  [
    'environments: [ { id: prod } ]\ninputs: { otlp: { tokens: [ { token: abcdefgh, environment: prd } ] } }',
    'inputs.otlp.tokens[0].environment',
    '"prd"',
    /one of the environments \("prod"\)/,
    /"prod"/,
  ],
  [
    'environments: [ { id: a }, { id: b } ]\ninputs: { otlp: { tokens: [ { token: abcdefgh } ] } }',
    'inputs.otlp.tokens[0].environment',
    'nothing',
    /one of the environments/,
  ],
  [
    'destinations: [ { name: a, endpoint: "http://b", filter: { environments: [ qa ] } } ]',
    'destinations[0].filter.environments[0]',
    '"qa"',
    /"default"/,
  ],
  ['inputs: { otlp: {} }', 'inputs.otlp.tokens', 'nothing', /at least one token/],
  ['inputs: { telemetry: {} }', 'inputs.telemetry.tokens', 'nothing', /client_ca_file/],
  [
    'inputs: { otlp: { tokens: [ { token: same-token }, { token: same-token } ] } }',
    'inputs.otlp.tokens[1].token',
    'a text (not shown)',
    /entry 0/,
  ],
  [
    'inputs: { object_store: { access_keys: [], buckets: [ { bucket: abc } ] } }',
    'inputs.object_store.access_keys',
    'an empty list',
    /at least one/,
  ],
  [
    'inputs: { object_store: { access_keys: [ { id: A, secret: bbbb } ], buckets: [ { bucket: abc }, { bucket: abc, prefix: / } ] } }',
    'inputs.object_store.buckets[1]',
    'the same ones',
    /entry 0/,
  ],
  [
    'inputs: { object_store: { access_keys: [ { id: A, secret: bbbb } ], buckets: [ { bucket: abc, prefix: ../up } ] } }',
    'inputs.object_store.buckets[0].prefix',
    '"../up"',
    /key prefix/,
  ],
  [
    'access: { tokens: [ { name: a, token: bbbb, scopes: [ admin ] } ] }',
    'access.tokens[0].scopes[0]',
    '"admin"',
    /requests, changes/,
  ],
  ['telemetry: { endpoint: nowhere }', 'telemetry.endpoint', '"nowhere"', /empty text/],
  ['retention: { requests: 1s }', 'retention.requests', '"1s"', /from 1h/],
];

describe('errors', () => {
  for (const [text, path, found, expected, hint] of WRONG) {
    it(text, () => {
      const problems = problemsOf(text);
      const problem = problems.find((candidate) => candidate.path === path);
      expect(problem, JSON.stringify(problems)).toBeDefined();
      expect(problem?.found).toEqual(typeof found === 'string' ? found : expect.stringMatching(found));
      expect(problem?.expected).toMatch(expected);
      if (hint !== undefined) expect(problem?.hint).toMatch(hint);
      expect(problems).toHaveLength(1);
    });
  }

  it('tells all of them at once, in the order of the file, each with its place', () => {
    expect(
      problemsOf(
        'ingest: { port: x, hots: y }\nenvironments: [ { id: a } ]\ninputs:\n  otlp:\n    tokens:\n      - token: " "\n        environment: b\nlimits:\n  shutdown: 1\n',
      ),
    ).toMatchObject([
      { path: 'ingest.port', line: 1, column: 17 },
      { path: 'ingest.hots', line: 1, column: 20 },
      { path: 'inputs.otlp.tokens[0].token', line: 6, column: 16 },
      { path: 'inputs.otlp.tokens[0].environment', line: 7, column: 22 },
      { path: 'limits.shutdown', line: 9, column: 13 },
    ]);
  });

  it.each([
    ['a: "x', 'quote'],
    ['a: 1\na: 2', 'twice'],
    ['a: *missing-secret-anchor', 'alias'],
    ['telemetry: &a [*a]', 'inside of what it names'],
    ['inputs: &a\n  otlp: { x: [1, { y: *a }] }', 'inside of what it names'],
    ['a:\n\t- 1', 'tab'],
    ['a: 1\n---\nb: 2', 'more than one'],
    ['a: "\\q"', 'escape'],
  ])('names what is wrong with the YAML itself, with its place and without its text: %j', (text, word) => {
    const problems = problemsOf(text);
    expect(problems.map(({ found }) => found).join('\n')).toContain(word);
    expect(problems[0]?.line).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain('missing-secret-anchor');
  });

  it('refuses a file that multiplies itself by aliases', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => [...pair]))
      lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
    expect(problemsOf(lines.join('\n'))[0]?.found).toContain('aliases');
  });

  it('has a code and a text for people', () => {
    const error = new ConfigError('config.yaml', problemsOf('ingest: { prot: 1 }'));
    expect(error.code).toBe('config_invalid');
    expect(showConfigError(error)).toBe(
      'config_invalid: 1 error in config.yaml\n\n  ingest.prot (line 1, column 11)\n    found    an unknown key "prot"\n    expected one of host, port, tls\n    hint     did you mean `port`?\n',
    );
  });
});

describe('the key of hashed values', () => {
  const redactionOf = (text: string, env: Record<string, string> = {}) => read(text, env).config.redaction;

  it('stands in the file, in another one, or in the state directory of the user', () => {
    expect(redactionOf('redaction: { key: "redaction-key-of-tests" }')).toEqual({ key: 'redaction-key-of-tests' });
    expect(redactionOf('redaction: { key_file: keys/redaction }')).toEqual({ keyFile: '/etc/aisix/keys/redaction' });
    expect(redactionOf('', { XDG_STATE_HOME: '/state' })).toEqual({
      keyFile: '/state/aisix-observability/redaction.key',
    });
    expect(redactionOf('', { HOME: '/home/me', XDG_STATE_HOME: 'ignored' })).toEqual({
      keyFile: '/home/me/.local/state/aisix-observability/redaction.key',
    });
  });

  it.each(['drop', 'hash'])(
    'must exist: a misspelled name in `%s` would leave in clear what was to be hidden',
    (list) => {
      const redaction = `redaction: { ${list}: [ client.address, aisix.api_key.id, my.own ] }`;
      const attributes = 'resource_attributes: { my.own: x }';
      const text = `destinations: [ { name: t, endpoint: "http://b", ${redaction}, ${attributes} } ]\nredaction: { key: "redaction-key-of-tests" }`;
      expect(problemsOf(text)).toEqual([
        expect.objectContaining({
          path: `destinations[0].redaction.${list}[1]`,
          expected: expect.stringContaining('docs/spans.md'),
          hint: 'did you mean "aisix.api_key_id"?',
        }),
      ]);
    },
  );

  it('is refused when it is short or given twice, and not shown', () => {
    expect(problemsOf('redaction: { key: too-short-a-key }')).toMatchObject([
      { path: 'redaction.key', found: 'a text (not shown)', expected: expect.stringContaining('16 to 4096') },
    ]);
    expect(problemsOf('redaction: { key: "redaction-key-of-tests", key_file: a }')).toMatchObject([
      { path: 'redaction.key_file', expected: 'one of `redaction.key` and `redaction.key_file`' },
    ]);
  });
});

describe('secrets', () => {
  const SECRET = 'sk-planted-secret-value';
  it.each([
    `inputs: { otlp: { tokens: [ { token: " ${SECRET}" } ] } }`,
    `inputs: { otlp: { tokens: [ { token: { ${SECRET}: x } } ] } }`.replace(`{ ${SECRET}: x }`, `[ ${SECRET} ]`),
    `inputs: { otlp: { tokens: [ "${SECRET}" ] } }`,
    `inputs: { object_store: { access_keys: [ { id: A, secret: "${SECRET} " } ], buckets: [ { bucket: "${SECRET}" } ] } }`,
    `destinations: [ { name: a, endpoint: "http://u:${SECRET}@b" } ]`,
    `destinations: [ { name: a, endpoint: "http://b", headers: { x: "${SECRET}\\n" } } ]`,
    `destinations: [ { name: a, endpoint: "http://b", headers: "${SECRET}" } ]`,
    `redaction: { key: "${SECRET}\\u0000" }`,
    `access: { tokens: [ { name: "${SECRET} ", token: "${SECRET}", scopes: [] } ] }`,
    `ingest: { host: "\${S} x" }`,
    `inputs: { otlp: { tokens: [ { token: *${SECRET} } ] } }`,
    `inputs: { otlp: { tokens: [ { token: "${SECRET} } ] } }`,
  ])('are never shown: %s', (text) => {
    const problems = problemsOf(text, { S: SECRET });
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
    expect(showConfigError(new ConfigError('x', problems))).not.toContain(SECRET);
  });

  it('are not shown either when they are too short to be looked for elsewhere', () => {
    expect(problemsOf('access: { tokens: [ { name: a, token: " x", scopes: [] } ] }')).toMatchObject([
      { path: 'access.tokens[0].token', found: 'a text (not shown)' },
    ]);
  });

  it('and control characters do not get into messages either', () => {
    const text = JSON.stringify({ 'bad\u001b[31m\nkey': 1, ingest: { host: 'x\u001b[2J\u202e' } });
    const shown = showConfigError(new ConfigError('x', problemsOf(text)));
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('any document', () => {
  it('gives a configuration or a ConfigError, and nothing else', () => {
    const keys = [
      'data_dir',
      'ingest',
      'api',
      'environments',
      'inputs',
      'destinations',
      'access',
      'limits',
      'telemetry',
      'otlp',
      'tokens',
      'name',
      'id',
      'tls',
      '__proto__',
      'constructor',
    ];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, '', 'a', 1, -1, true, '${', '1GiB'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie('any'), { maxKeys: 5 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (document) => {
        try {
          configFrom(document);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect((error as ConfigError).problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('given as bytes of any kind, too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
