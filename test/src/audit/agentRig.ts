import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import type { AuditServer } from './auditServer.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import { type RunningCommand, runMain } from './runMain.ts';

export const AGENT_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
export const AGENT_DATA_PLANE = 'dp-2';

/** Of the server's section `audit`. */
export const AGENTS = [
  { name: 'beside-dp-2', secrets: [AGENT_SECRET], environment: 'prod', data_plane: AGENT_DATA_PLANE },
];

/** A real agent in a process of its own, behind a network that can be cut. */
export interface AgentRig {
  readonly network: Forwarder;
  readonly dataDir: string;
  readonly cacheFile: string;
  /** All that it ever wrote. */
  output(): string;
  start(): void;
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** What it remembers of the cache file: another text once a change of it is on disk. */
  remembered(): string;
  close(): Promise<void>;
}

/** @param more Keys of the section `agent`. */
export async function agentRig(rig: AuditServer, more: Readonly<Record<string, unknown>> = {}): Promise<AgentRig> {
  const network = await startForwarder(() => new URL(rig.addresses.ingest));
  const dataDir = join(rig.root, 'agent');
  const cacheFile = join(rig.root, 'beside-dp-2.json');
  const configFile = join(rig.root, 'agent.yaml');
  writeFileSync(
    configFile,
    stringify({
      data_dir: dataDir,
      redaction: { key: 'redaction-key-of-tests' },
      environments: [{ id: RECORDED_ENVIRONMENT, name: 'prod' }],
      agent: {
        url: `http://127.0.0.1:${network.port}/audit/agent`,
        secret: AGENT_SECRET,
        data_plane: AGENT_DATA_PLANE,
        cache_file: cacheFile,
        ...more,
      },
    }),
  );
  const runs: RunningCommand[] = [];
  const end = async (signal: NodeJS.Signals) => (await runs.at(-1)?.end(signal)) ?? null;
  return {
    network,
    dataDir,
    cacheFile,
    output: () => runs.map((run) => run.output()).join(''),
    start: () => void runs.push(runMain('agent', '--config', configFile)),
    end,
    remembered() {
      try {
        return readFileSync(join(dataDir, 'watch', 'cache.json'), 'utf8');
      } catch {
        return '';
      }
    },
    async close() {
      await end('SIGKILL');
      network.close();
    },
  };
}
