import { ATTRIBUTE_TABLE } from '@aisix-observability/collector-exporter';
import { checkReaders } from './checkReaders.ts';
import type { ConfigPath } from './interpolate.ts';
import { nearest } from './nearest.ts';
import { quote } from './problem.ts';
import { type CrossProblem, items, record } from './rawDocument.ts';

/**
 * Checks that reach across sections, on the raw document: they must speak even where a schema has already found
 * something else wrong, so that all errors are told at once. Tolerates any shape.
 */
export function crossCheck(document: unknown): CrossProblem[] {
  const file = record(document);
  const problems: CrossProblem[] = [];
  checkEnvironments(file, problems);
  checkReferences(file, problems);
  checkUnique(items(file.destinations), 'name', ['destinations'], problems);
  checkUnique(items(record(file.access).tokens), 'name', ['access', 'tokens'], problems);
  checkUnique(items(record(file.access).tokens), 'token', ['access', 'tokens'], problems);
  checkInputs(file, problems);
  checkRedaction(file, problems);
  checkRedactedNames(file, problems);
  problems.push(...checkReaders(file));
  return problems;
}

function checkRedaction(file: Readonly<Record<string, unknown>>, problems: CrossProblem[]): void {
  const { key, key_file: keyFile } = record(file.redaction);
  if (key === undefined || keyFile === undefined) return;
  problems.push({
    path: ['redaction', 'key_file'],
    found: 'a file beside `redaction.key`',
    expected: 'one of `redaction.key` and `redaction.key_file`',
  });
}

const ATTRIBUTE_NAMES = Object.keys(ATTRIBUTE_TABLE);

/** A name that no span carries would redact nothing, and nobody would notice. */
function checkRedactedNames(file: Readonly<Record<string, unknown>>, problems: CrossProblem[]): void {
  for (const [index, destination] of items(file.destinations).entries()) {
    const own = Object.keys(record(record(destination).resource_attributes));
    for (const list of ['drop', 'hash'] as const) {
      for (const [at, name] of items(record(record(destination).redaction)[list]).entries()) {
        if (typeof name !== 'string' || own.includes(name) || ATTRIBUTE_NAMES.includes(name)) continue;
        const near = nearest(name, [...ATTRIBUTE_NAMES, ...own]);
        problems.push({
          path: ['destinations', index, 'redaction', list, at],
          expected: 'an attribute that spans carry (docs/spans.md lists them), or one of `resource_attributes`',
          ...(near === undefined ? {} : { hint: `did you mean ${quote(near)}?` }),
        });
      }
    }
  }
}

function checkUnique(list: readonly unknown[], key: string, path: ConfigPath, problems: CrossProblem[]): void {
  const seen = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const value = record(item)[key];
    if (typeof value !== 'string') continue;
    const first = seen.get(value);
    if (first === undefined) seen.set(value, index);
    else {
      problems.push({
        path: [...path, index, key],
        expected: `a ${key} that entry ${first} of this list does not have`,
      });
    }
  }
}

function checkEnvironments(file: Readonly<Record<string, unknown>>, problems: CrossProblem[]): void {
  const environments = file.environments;
  if (Array.isArray(environments) && environments.length === 0) {
    problems.push({ path: ['environments'], expected: 'at least one environment, or no such key' });
  }
  const owner = new Map<string, number>();
  for (const [index, environment] of items(environments).entries()) {
    for (const key of ['id', 'name']) {
      const word = record(environment)[key];
      if (typeof word !== 'string') continue;
      const other = owner.get(word);
      if (other !== undefined && other !== index) {
        problems.push({
          path: ['environments', index, key],
          expected: `a word that is neither the id nor the name of environment ${other} of this list`,
        });
      }
      owner.set(word, other ?? index);
    }
  }
}

/** Where environments are named: each path with the value there. */
function references(
  file: Readonly<Record<string, unknown>>,
): { path: ConfigPath; value: unknown; required: boolean }[] {
  const found: { path: ConfigPath; value: unknown; required: boolean }[] = [];
  const inputs = record(file.inputs);
  const single = (list: unknown, path: ConfigPath) => {
    for (const [index, item] of items(list).entries()) {
      found.push({ path: [...path, index, 'environment'], value: record(item).environment, required: true });
    }
  };
  const many = (list: unknown, path: ConfigPath) => {
    for (const [index, value] of items(list).entries()) found.push({ path: [...path, index], value, required: false });
  };
  single(record(inputs.object_store).buckets, ['inputs', 'object_store', 'buckets']);
  single(inputs.follow_bucket, ['inputs', 'follow_bucket']);
  single(record(inputs.otlp).tokens, ['inputs', 'otlp', 'tokens']);
  single(record(inputs.telemetry).tokens, ['inputs', 'telemetry', 'tokens']);
  for (const [index, destination] of items(file.destinations).entries()) {
    many(record(record(destination).filter).environments, ['destinations', index, 'filter', 'environments']);
  }
  for (const [index, token] of items(record(file.access).tokens).entries()) {
    many(record(token).environments, ['access', 'tokens', index, 'environments']);
  }
  for (const [index, grafana] of items(file.grafana).entries()) {
    many(record(grafana).environments, ['grafana', index, 'environments']);
  }
  return found;
}

function checkReferences(file: Readonly<Record<string, unknown>>, problems: CrossProblem[]): void {
  const known = 'environments' in file ? environmentWords(file.environments) : ['default'];
  const several = items(file.environments).length > 1;
  for (const { path, value, required } of references(file)) {
    if (value === undefined) {
      if (required && several) problems.push({ path, expected: 'the id or the name of one of the environments' });
    } else if (typeof value === 'string' && !known.includes(value)) {
      const near = nearest(value, known);
      problems.push({
        path,
        expected: `the id or the name of one of the environments (${known
          .slice(0, 8)
          .map((word) => quote(word))
          .join(', ')})`,
        ...(near === undefined ? {} : { hint: `did you mean ${quote(near)}?` }),
      });
    }
  }
}

function environmentWords(environments: unknown): string[] {
  return items(environments).flatMap((item) =>
    [record(item).name, record(item).id].filter((word) => typeof word === 'string'),
  );
}

function checkInputs(file: Readonly<Record<string, unknown>>, problems: CrossProblem[]): void {
  const inputs = record(file.inputs);
  const objectStore = inputs.object_store;
  if (objectStore !== undefined && objectStore !== null) {
    for (const key of ['access_keys', 'buckets']) {
      const entries = record(objectStore)[key];
      if (Array.isArray(entries) && entries.length === 0) {
        problems.push({ path: ['inputs', 'object_store', key], expected: 'at least one entry' });
      }
    }
    checkUnique(items(record(objectStore).access_keys), 'id', ['inputs', 'object_store', 'access_keys'], problems);
    checkBuckets(items(record(objectStore).buckets), ['inputs', 'object_store', 'buckets'], problems);
  }
  const withClientCertificates = record(record(file.ingest).tls).client_ca_file !== undefined;
  for (const input of ['otlp', 'telemetry']) {
    const section = inputs[input];
    if (section === undefined || section === null) continue;
    const noTokens = items(record(section).tokens).length === 0;
    if (noTokens && !(input === 'telemetry' && withClientCertificates)) {
      problems.push({
        path: ['inputs', input, 'tokens'],
        expected: input === 'otlp' ? 'at least one token' : 'at least one token, or `ingest.tls.client_ca_file`',
      });
    }
    checkUnique(items(record(section).tokens), 'token', ['inputs', input, 'tokens'], problems);
  }
  checkUnique(items(inputs.follow_bucket), 'name', ['inputs', 'follow_bucket'], problems);
  checkBuckets(items(inputs.follow_bucket), ['inputs', 'follow_bucket'], problems);
}

function checkBuckets(buckets: readonly unknown[], path: ConfigPath, problems: CrossProblem[]): void {
  const seen = new Map<string, number>();
  for (const [index, bucket] of buckets.entries()) {
    const { bucket: name, prefix = '', endpoint = '' } = record(bucket);
    if (typeof name !== 'string' || typeof prefix !== 'string') continue;
    const place = `${String(endpoint)} ${name}/${prefix.replace(/^\/+|\/+$/g, '')}`;
    const first = seen.get(place);
    if (first !== undefined) {
      problems.push({
        path: [...path, index],
        expected: `a bucket and prefix that entry ${first} does not have`,
        found: 'the same ones',
      });
    }
    seen.set(place, first ?? index);
  }
}
