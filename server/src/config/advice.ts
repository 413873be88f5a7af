import type { Config } from './config.ts';
import { isLoopback } from './loopback.ts';

/** What works, but is open where somebody may not expect it. */
export function adviceFor(config: Config): string[] {
  const advice: string[] = [];
  if (!isLoopback(config.ingest.host) && config.ingest.tls === undefined) {
    advice.push(
      `\`ingest\` listens beyond this machine without TLS: tokens and request data cross the network in clear. Set \`ingest.tls\`, or put a TLS proxy in front`,
    );
  }
  if (!isLoopback(config.api.host)) {
    if (config.api.tls === undefined) {
      advice.push(
        '`api` listens beyond this machine without TLS: answers and tokens cross the network in clear. Set `api.tls`, or put a TLS proxy in front',
      );
    }
    if (config.access.tokens.length === 0) {
      advice.push(
        '`api` listens beyond this machine and `access.tokens` is empty: /metrics and /status only answer to this machine',
      );
    }
  }
  for (const { name, url, headers } of config.destinations) {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'http:' && !isLoopback(hostname) && Object.keys(headers).length > 0) {
      advice.push(`destination \`${name}\` sends its headers over plain http to another machine`);
    }
  }
  for (const { jwksUrl, orgId } of config.grafana) {
    const { protocol, hostname } = new URL(jwksUrl);
    if (protocol === 'http:' && !isLoopback(hostname)) {
      advice.push(
        `\`grafana\` (org_id ${orgId}) gets its signing keys over plain http from another machine: whoever can change them on the way can sign any identity`,
      );
    }
  }
  for (const { name, url } of config.annotations) {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'http:' && !isLoopback(hostname)) {
      advice.push(`annotations target \`${name}\` sends its token over plain http to another machine`);
    }
  }
  const { webhooks, agents, watch, poll } = config.audit ?? {};
  if (config.audit !== undefined && [webhooks, agents, watch, poll].every((feeds) => feeds?.length === 0)) {
    advice.push('`audit` names no feed: no changes will arrive');
  }
  const { objectStore, otlp, telemetry, followBuckets } = config.inputs;
  if (objectStore === undefined && otlp === undefined && telemetry === undefined && followBuckets.length === 0) {
    advice.push('no input is configured: nothing will arrive except by `backfill`');
  }
  if (config.destinations.length === 0) {
    advice.push('no destination is configured: requests are kept, and no spans are sent');
  }
  return advice;
}
