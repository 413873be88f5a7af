import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../model/observation.ts';
import { createResourcesFileWatcher, type ResourcesFileOptions, SETTLE_MILLIS } from './resourcesFile.ts';
import { idOfResource, parseResourcesFile } from './resourcesFormat.ts';
import { SourceError } from './sourceFault.ts';
import type { Watcher } from './sourceWatcher.ts';
import { changesOf, ENVIRONMENT } from './testing/watchedStory.ts';
import { allText, replaceFile, watchRig } from './testing/watchRig.ts';
import { fileWatchMemory } from './watchMemory.ts';

const FILE = `
_format_version: "1"
provider_keys:
  - display_name: openai-prod
    provider: openai
    api_base: https://api.example/v1
    secret: canary-secret
models:
  - &base
    display_name: gpt-4o
    provider: openai
    model_name: gpt-4o
    provider_key: openai-prod
    timeout: 30000
api_keys:
  - display_name: team-web
    key_env: TEAM_WEB_KEY
    allowed_models: ["*"]
guardrails: []
guardrail_attachments: ~
rate_limit_policies:
  - name: web-limit
    scope: api_key
    scope_ref: team-web
    window: minute
    max_requests: 100
`;

const bytes = (text: string) => Buffer.from(text);
const faultOf = (text: string | Uint8Array): string => {
  try {
    parseResourcesFile(typeof text === 'string' ? bytes(text) : text);
    return 'none';
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return `${error.fault.code}: ${error.fault.message}`;
  }
};

function fileRig() {
  const rig = watchRig();
  const path = join(rig.folder, 'resources.yaml');
  const watcher = (options: Partial<ResourcesFileOptions> = {}) =>
    createResourcesFileWatcher({
      ...rig.deps,
      name: 'resources',
      path,
      environment: ENVIRONMENT,
      memory: fileWatchMemory(join(rig.folder, 'state'), 'resources'),
      ...options,
    });
  /** Two looks as far apart as a file must have been left alone. */
  const lookSettled = async (watcher: Watcher) => {
    await watcher.look();
    rig.pass(SETTLE_MILLIS);
    await watcher.look();
  };
  return { ...rig, path, watcher, lookSettled };
}

const words = (observations: readonly Observation[]) =>
  changesOf(observations).map(({ action, resource, paths }) => [
    action,
    resource.kind,
    resource.name,
    paths.map(({ path }) => path),
  ]);

describe('a resources file', () => {
  it('holds resources with the ids that a gateway gives them', () => {
    // As the gateway's own example for its hosted MCP server states it.
    expect(idOfResource('api_keys', 'anon-principal')).toBe('9aeb246c-ed38-5bef-a854-c8565ca95fb4');
    const entries = parseResourcesFile(bytes(FILE));
    expect(entries.map(({ kind, id }) => [kind, id])).toEqual([
      ['provider_keys', idOfResource('provider_keys', 'openai-prod')],
      ['models', idOfResource('models', 'gpt-4o')],
      ['api_keys', idOfResource('api_keys', 'team-web')],
      ['rate_limit_policies', idOfResource('rate_limit_policies', 'web-limit')],
    ]);
    expect(entries[1]?.document).toMatchObject({ provider_key_id: idOfResource('provider_keys', 'openai-prod') });
    expect(entries[3]?.document).toMatchObject({ scope_ref: idOfResource('api_keys', 'team-web') });
  });

  it('tells what was changed in it, and no secret', async () => {
    const rig = fileRig();
    replaceFile(rig.path, FILE, rig.now() - 1000);
    const watcher = rig.watcher();
    await rig.lookSettled(watcher);
    expect(rig.observations).toMatchObject(Array(4).fill({ type: 'present', as: 'desired' }));
    for (const text of [
      FILE.replace('timeout: 30000', 'timeout: 500'),
      FILE.replace('canary-secret', 'canary-rotated'),
      FILE.replace('display_name: gpt-4o', 'display_name: gpt-4o-2'),
      FILE,
    ]) {
      rig.pass(10_000);
      replaceFile(rig.path, `# a comment\n${text}`, rig.now() - 1000);
      await rig.lookSettled(watcher);
    }
    await watcher.close();
    expect(words(rig.observations)).toEqual([
      ['update', 'model', 'gpt-4o', ['/timeout']],
      ['update', 'provider_key', 'openai-prod', ['/secret']],
      ['update', 'model', 'gpt-4o', ['/timeout']],
      ['update', 'provider_key', 'openai-prod', ['/secret']],
      ['create', 'model', 'gpt-4o-2', []],
      ['delete', 'model', 'gpt-4o', []],
      ['create', 'model', 'gpt-4o', []],
      ['delete', 'model', 'gpt-4o-2', []],
    ]);
    const kept = JSON.stringify([rig.observations, rig.lines]) + allText(join(rig.folder, 'state'));
    expect(kept).not.toContain('canary');
  });

  it('is read only after it was left alone, since half of it may look whole', async () => {
    const rig = fileRig();
    rig.useRealTime();
    writeFileSync(rig.path, FILE);
    const watcher = rig.watcher({ pollMillis: 20 });
    await watcher.look();
    expect(watcher.health().fault?.code).toBe('resources_file_unsettled');
    watcher.start();
    await expect.poll(() => rig.observations.length, { timeout: 30_000 }).toBe(4);
    await watcher.close();
  });

  it.each([-600_000, -1_000, 0, 600_000])(
    'half of which is written is not read, with the clock of its file system off by %i ms',
    async (off) => {
      const rig = fileRig();
      replaceFile(rig.path, FILE, rig.now() - 3_600_000);
      const watcher = rig.watcher();
      await rig.lookSettled(watcher);
      expect(rig.observations).toHaveLength(4);
      rig.pass(10_000);
      const write = (text: string) => {
        writeFileSync(rig.path, text);
        utimesSync(rig.path, (rig.now() + off) / 1000, (rig.now() + off) / 1000);
      };
      const whole = FILE.replace('timeout: 30000', 'timeout: 500');
      for (const share of [0.3, 0.6, 1]) {
        write(share === 1 ? whole : whole.slice(0, whole.lastIndexOf('\n  -', whole.length * share) + 1));
        await watcher.look();
        rig.pass(SETTLE_MILLIS - 1);
        await watcher.look();
      }
      expect(rig.observations).toHaveLength(4);
      rig.pass(1);
      await watcher.look();
      await watcher.look();
      expect(words(rig.observations)).toEqual([['update', 'model', 'gpt-4o', ['/timeout']]]);
    },
  );

  it('that was left alone is read though the clock steps back meanwhile', async () => {
    const rig = fileRig();
    replaceFile(rig.path, FILE, rig.now() - 3_600_000);
    const watcher = rig.watcher();
    await watcher.look();
    rig.pass(-600_000);
    await rig.lookSettled(watcher);
    expect(rig.observations).toHaveLength(4);
  });

  it('that is gone is a gap, and no deletion of everything', async () => {
    const rig = fileRig();
    replaceFile(rig.path, FILE, rig.now() - 1000);
    const watcher = rig.watcher();
    await rig.lookSettled(watcher);
    rmSync(rig.path);
    rig.pass(60_000);
    await watcher.look();
    expect(rig.observations.slice(4)).toMatchObject([{ type: 'gap', reason: 'resources_file_missing' }]);
  });
});

describe('a file that is refused', () => {
  const list = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  it.each([
    ['', 'expected one YAML document'],
    ['_format_version: 1', 'expected _format_version: "1"'],
    ['models: []', 'expected _format_version: "1"'],
    ['- a', 'expected _format_version and lists of resources'],
    ['_format_version: "1"\n---\na: 1', 'expected one YAML document'],
    ['_format_version: "1"\nmodels: {}', 'expected a list of resources under each kind'],
    ['_format_version: "1"\nmodels: [canary]', 'expected a mapping for each resource'],
    ['_format_version: "1"\nmodels: [{provider: canary}]', 'a resource has no name: expected display_name or name'],
    [
      '_format_version: "1"\nmodels: [{display_name: a}, {display_name: a}]',
      'a name stands twice under one kind: expected each once',
    ],
    ['_format_version: "1"\nmodels: [{display_name: a, a: 1, a: canary}]', 'not YAML: DUPLICATE_KEY in line 2'],
    ['_format_version: "1"\n  models: [canary', 'not YAML: BAD_INDENT in line 2'],
    ['a: *canary', 'expected plain YAML: no recursion, and few aliases'],
  ])('says what was expected: %s', (text, message) => {
    const fault = faultOf(text);
    expect(fault).toMatch(/^resources_file_invalid: /);
    if (!message.startsWith('not YAML')) expect(fault).toBe(`resources_file_invalid: ${message}`);
    expect(fault).not.toContain('canary');
  });

  it('is one of a newer format', () => {
    expect(faultOf('_format_version: "2"')).toBe('resources_file_newer: found _format_version 2, expected "1"');
  });

  it('is a bomb of anchors', () => {
    const bomb = Array.from({ length: 20 }, (_, level) => {
      const inner =
        level === 0
          ? '[x,x,x,x,x,x,x,x,x]'
          : `[${Array(9)
              .fill(`*a${level - 1}`)
              .join(',')}]`;
      return `a${level}: &a${level} ${inner}`;
    });
    const started = process.cpuUsage().user;
    expect(faultOf(`_format_version: "1"\n${bomb.join('\n')}`)).toContain('few aliases');
    expect(process.cpuUsage().user - started).toBeLessThan(10_000_000);
  });

  it('contains itself, or nests without end', () => {
    expect(faultOf('_format_version: "1"\nmodels: &m [{display_name: a, x: *m}]')).not.toBe('none');
    expect(faultOf(`_format_version: "1"\nmodels: ${list(100_000)}`)).toMatch(/^resources_file_invalid/);
  });

  it('may hold anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => `_format_version: "1"\nmodels: ${text}`),
        ),
        (text) => {
          expect(faultOf(text)).toMatch(/^(none$|resources_file_)/);
        },
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (any) => {
        expect(faultOf(any)).toMatch(/^(none$|resources_file_)/);
      }),
    );
  });
});
