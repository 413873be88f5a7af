import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './problem.ts';
import { localCredentialsFile, zeroConfig } from './zeroConfig.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aisix-zero-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

describe('without a configuration file', () => {
  it('every live input listens on loopback, with secrets that stay the same and only the owner reads', () => {
    const { config } = zeroConfig({ env: {}, cwd, makeCredentials: true });
    expect(config).toMatchObject({
      dataDir: join(cwd, 'data'),
      ingest: { host: '127.0.0.1' },
      api: { host: '127.0.0.1' },
      environments: [{ id: 'default', name: 'default' }],
      destinations: [],
    });
    const file = localCredentialsFile(config.dataDir);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8')).secretAccessKey).toBe(
      config.inputs.objectStore?.accessKeys[0]?.secret,
    );
    expect(config.inputs.otlp?.tokens[0]?.token.length).toBeGreaterThan(20);
    expect(zeroConfig({ env: {}, cwd, makeCredentials: true }).config).toEqual(config);
  });

  it('the destination comes from the environment', () => {
    const { config, warnings } = zeroConfig({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
      cwd,
      makeCredentials: true,
    });
    expect(config.destinations).toMatchObject([{ name: 'otlp', url: 'http://127.0.0.1:4318/v1/traces' }]);
    expect(warnings).toEqual([]);
  });

  it('a command that only looks leaves no trace, and finds the secrets of a server that was there', () => {
    zeroConfig({ env: {}, cwd, makeCredentials: false });
    expect(readdirSync(cwd)).toEqual([]);
    const { config } = zeroConfig({ env: {}, cwd, makeCredentials: true });
    expect(zeroConfig({ env: {}, cwd, makeCredentials: false }).config).toEqual(config);
  });

  it('a damaged file of credentials is an error that names it', () => {
    zeroConfig({ env: {}, cwd, makeCredentials: true });
    writeFileSync(localCredentialsFile(join(cwd, 'data')), '{}');
    expect(() => zeroConfig({ env: {}, cwd, makeCredentials: true })).toThrow(ConfigError);
  });
});
