import { type Config, configFrom } from '@aisix-observability/server';
import { WEBHOOK_SECRET } from '../audit/signedDelivery.ts';
import type { GrafanaEntry } from '../preview/grafanaStandIn.ts';
import {
  RECORDED_DATA_PLANE,
  RECORDED_ENVIRONMENT,
  RECORDED_OTLP_TOKEN,
  RECORDED_SIGNING,
} from '../recordings/index.ts';
import { DEMO_TOKEN } from './apiExamples.ts';

export const DEMO_BUCKET = 'gateway-logs';
export const DEMO_PREFIX = 'aisix/prod';
export const DEMO_WEBHOOK = '/audit/demo';

/** What commands have to know to ask the demo's server: where it lives, and what its environment is called. */
export function commandConfig(dataDir: string): string {
  return `${JSON.stringify({ data_dir: dataDir, environments: [{ id: RECORDED_ENVIRONMENT, name: 'prod' }] })}\n`;
}

/**
 * The configuration of the demo's server: both feeds in, one destination out, ports chosen by the system.
 *
 * @param grafana whose people may ask through their data source
 */
export function demoConfig(dataDir: string, sinkUrl: string, cacheFile: string, grafana?: GrafanaEntry): Config {
  const { config } = configFrom(
    {
      data_dir: dataDir,
      ingest: { host: '127.0.0.1', port: 0 },
      api: { host: '127.0.0.1', port: 0 },
      environments: [{ id: RECORDED_ENVIRONMENT, name: 'prod' }],
      inputs: {
        object_store: {
          access_keys: [{ id: RECORDED_SIGNING.accessKey, secret: RECORDED_SIGNING.secret }],
          buckets: [{ bucket: DEMO_BUCKET, prefix: DEMO_PREFIX, environment: 'prod', data_plane: RECORDED_DATA_PLANE }],
        },
        otlp: { tokens: [{ token: RECORDED_OTLP_TOKEN, environment: 'prod', data_plane: RECORDED_DATA_PLANE }] },
      },
      // http/json, so that the demo can read what arrives like any backend would.
      destinations: [
        { name: 'demo', endpoint: sinkUrl, protocol: 'http/json', compression: 'gzip', log_events: { actor: 'name' } },
      ],
      audit: {
        webhooks: [{ path: DEMO_WEBHOOK, secrets: [WEBHOOK_SECRET] }],
        watch: [{ kind: 'config_cache', path: cacheFile, environment: 'prod', data_plane: RECORDED_DATA_PLANE }],
      },
      access: {
        tokens: [{ name: 'demo', token: DEMO_TOKEN, scopes: ['requests', 'changes'], environments: ['prod'] }],
      },
      ...(grafana === undefined ? {} : { grafana: [grafana] }),
      // A key of its own, so that nothing is written outside the temporary directory.
      redaction: { key: 'only-for-the-demo-0123456789abcdef' },
    },
    { source: 'the demo', baseDir: dataDir },
  );
  return config;
}
