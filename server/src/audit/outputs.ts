import { join } from 'node:path';
import {
  createGrafanaAnnotations,
  createLogEvents,
  type GrafanaAnnotations,
  type Ledger,
  type LogDestination,
  type LogEvents,
} from '@aisix-observability/audit-bridge';
import { type Clock, createSetAsideFiles, type Log, type Recorder } from '@aisix-observability/pipeline';
import type { Config, LogDestinationConfig } from '../config/config.ts';
import { endpointOf } from '../path/endpointOf.ts';
import { EXPORTER_USER_AGENT } from '../telemetry/resource.ts';
import { LOG_EVENTS_FILE, MARKERS_FILE } from './places.ts';

export interface OutputsOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
}

/** Markers, drawn in every configured Grafana; there are markers without one, too. */
export function openAnnotations({ config, dataDir, ledger, ...deps }: OutputsOptions): GrafanaAnnotations {
  return createGrafanaAnnotations({
    ...deps,
    path: join(dataDir, MARKERS_FILE),
    source: ledger,
    targets: config.annotations,
    environmentNames: namesOf(config),
    retentionMillis: config.retention.changesMillis,
    userAgent: EXPORTER_USER_AGENT,
  });
}

/** Changes and the ledger's head as log events; nothing without a destination for them. */
export function openLogEvents({ config, dataDir, ledger, ...deps }: OutputsOptions): LogEvents | undefined {
  if (config.logDestinations.length === 0) return undefined;
  return createLogEvents({
    ...deps,
    path: join(dataDir, LOG_EVENTS_FILE),
    // What was handed out is what the file is held to.
    ledger: { ...ledger, head: () => published(ledger) },
    ...(config.audit === undefined ? {} : { headMillis: config.audit.headMillis }),
    destinations: config.logDestinations.map((settings) => logDestination(settings, config)),
    setAside: createSetAsideFiles({ ...deps, directory: join(dataDir, 'set-aside') }),
  });
}

/** The head that is about to be published, noted before it leaves. */
function published(ledger: Ledger): ReturnType<Ledger['head']> {
  const head = ledger.head();
  if (head !== undefined) ledger.notePublished(head);
  return head;
}

function logDestination(settings: LogDestinationConfig, config: Config): LogDestination {
  const { 'service.name': serviceName, ...resourceAttributes } = settings.resourceAttributes;
  const { environments } = settings;
  return {
    name: settings.name,
    protocol: settings.protocol,
    endpoint: endpointOf(settings),
    actor: settings.actor,
    values: settings.values,
    environmentNames: namesOf(config),
    ...(serviceName === undefined ? {} : { serviceName }),
    resourceAttributes,
    limits: { maxBacklogBytes: settings.maxBacklogBytes },
    ...(environments === undefined ? {} : { environments }),
  };
}

const namesOf = ({ environments }: Config): ReadonlyMap<string, string> =>
  new Map(environments.map(({ id, name }) => [id, name]));
