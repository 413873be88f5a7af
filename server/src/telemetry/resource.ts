import { randomUUID } from 'node:crypto';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import packageJson from '../../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;

/** Name under which the server's own telemetry appears, apart from the gateway's (`aisix-gateway`). */
export const SERVICE_NAME = 'aisix-observability';

/** What destinations see; the OTLP specification asks for exporter, version and language. */
export const EXPORTER_USER_AGENT = `${SERVICE_NAME}/${VERSION} (OTLP exporter; JavaScript; Node.js ${process.versions.node.split('.')[0]})`;

/** One id for all threads of the process: worker threads inherit what is set before they start. */
const INSTANCE_KEY = 'aisix-observability.instance';
const inherited = getEnvironmentData(INSTANCE_KEY);
const INSTANCE = typeof inherited === 'string' ? inherited : randomUUID();
setEnvironmentData(INSTANCE_KEY, INSTANCE);

/** Resource attributes of the server's own traces and metrics. */
export const SELF_RESOURCE: Readonly<Record<string, string>> = {
  'service.name': SERVICE_NAME,
  'service.version': VERSION,
  'service.instance.id': INSTANCE,
};
