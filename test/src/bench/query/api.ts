import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchServer, type ServerProcess } from '../../serverProcess.ts';
import { BENCH_TOKEN } from '../benchServer.ts';
import { ENVIRONMENT } from './generatedRequests.ts';

/** The server over a store that is filled already, as `pnpm start` starts it. */
export interface QueryServer {
  readonly ingestUrl: string;
  readonly process: ServerProcess;
  /** @throws when the api refuses; else its answer, read to the last byte, as text. */
  ask(path: string, body: object, signal?: AbortSignal): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param root holds `store/`; the rest of a data directory is made beside it.
 * @param more keys of the configuration that are added
 */
export async function startQueryServer(
  root: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<QueryServer> {
  mkdirSync(root, { recursive: true });
  const configFile = join(root, 'config.yaml');
  // JSON is YAML.
  writeFileSync(
    configFile,
    JSON.stringify({
      data_dir: root,
      redaction: { key: 'redaction-key-of-tests' },
      ingest: { port: 0 },
      api: { port: 0 },
      environments: [{ id: ENVIRONMENT, name: 'prod' }],
      inputs: { telemetry: { tokens: [{ token: BENCH_TOKEN, environment: 'prod' }] } },
      access: {
        tokens: [{ name: 'bench', token: BENCH_TOKEN, scopes: ['requests', 'changes'], environments: ['prod'] }],
      },
      ...more,
    }),
  );
  const server = launchServer({ configFile });
  const { ingest, api } = await server.ready;
  return {
    ingestUrl: ingest,
    process: server,
    async ask(path, body, signal) {
      const answer = await fetch(`${api}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${BENCH_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: signal ?? null,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
      return text;
    },
    async stop() {
      await server.end('SIGTERM');
    },
  };
}
