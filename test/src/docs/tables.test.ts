import { readdirSync, readFileSync } from 'node:fs';
import { METRIC_HELP, parseConfig } from '@aisix-observability/server';
import { describe, expect, it } from 'vitest';
import { DOC_TABLES, withTables } from './tables.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
const pages = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .map((name) => [name, readFileSync(new URL(name, DOCS), 'utf8')] as const);
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('documentation', () => {
  it.each(pages)('%s has the tables of the code (node test/src/docs/update.ts)', (_, text) => {
    expect(withTables(text)).toBe(text);
  });

  it('has every table somewhere', () => {
    const all = pages.map(([, text]) => text).join('\n');
    expect(Object.keys(DOC_TABLES).filter((name) => !all.includes(`<!-- table: ${name} -->`))).toEqual([]);
  });

  it('explains every metric that is recorded, and none that is not', () => {
    const recorded = new Set<string>();
    for (const room of ['pipeline', 'collector-exporter', 'server']) {
      const source = new URL(`../../../${room}/src/`, import.meta.url);
      for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
        if (
          !name.endsWith('.ts') ||
          name.endsWith('.test.ts') ||
          name.includes('testing/') ||
          /MetricHelp|metricHelp/.test(name)
        )
          continue;
        const text = readFileSync(new URL(name, source), 'utf8');
        for (const [, metric = ''] of text.matchAll(/'(aisix_[a-z_]+)'/g)) recorded.add(metric);
      }
    }
    const explained = Object.keys(METRIC_HELP).filter((name) => name.startsWith('aisix_'));
    expect(recorded.size).toBeGreaterThan(60);
    expect([...recorded].toSorted()).toEqual(explained.toSorted());
    const all = pages.map(([, text]) => text).join('\n');
    expect(explained.filter((name) => !all.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('shows configurations that are valid', () => {
    const examples = [readme, ...pages.map(([, text]) => text)].flatMap((text) =>
      [...text.matchAll(/```yaml\n# config\.yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? ''),
    );
    expect(examples.length).toBeGreaterThan(1);
    for (const yaml of examples) {
      const names = [...yaml.matchAll(/\$\{([A-Z_0-9]+)\}/g)].map(([, name]) => name ?? '');
      const env = Object.fromEntries(names.map((name) => [name, 'a-secret-of-an-example']));
      const { config } = parseConfig(yaml, { baseDir: '/', source: 'an example', env });
      expect(config.destinations).not.toEqual([]);
    }
  });

  it('links to files that exist', () => {
    const linked = [...readme.matchAll(/\]\((docs\/[a-z]+\.md)/g)].map(([, path]) => path?.replace('docs/', ''));
    expect(linked.length).toBeGreaterThan(3);
    expect(linked.filter((name) => !pages.some(([page]) => page === name))).toEqual([]);
    const images = [...readme.matchAll(/!\[[^\]]{20,}\]\((docs\/images\/[a-z]+\.svg)\)/g)].map(
      ([, path]) => path ?? '',
    );
    expect(images.length).toBeGreaterThan(1);
    for (const path of images) {
      expect(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    }
  });
});
