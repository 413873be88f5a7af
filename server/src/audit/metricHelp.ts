import {
  AGENT_METRICS,
  ANNOTATION_METRIC_HELP,
  AUDIT_METRICS,
  LEDGER_METRIC_HELP,
  WATCH_METRICS,
} from '@aisix-observability/audit-bridge';

/** What `/metrics` says about each name of the audit bridge. */
export const AUDIT_METRIC_HELP: Readonly<Record<string, string>> = {
  [AUDIT_METRICS.eventsAccepted]: 'Audit events that are durable, first or repeated, by feed',
  [AUDIT_METRICS.eventsRefused]: 'Audit events that were not taken, by feed and code',
  [AUDIT_METRICS.eventsIgnored]: 'Audit events that do not concern this server, by feed and reason',
  [AUDIT_METRICS.conflicts]: 'Audit events whose id was known with other content, by feed',
  [AUDIT_METRICS.deliveriesRefused]: 'Deliveries of audit events of which nothing was stored, by feed and code',
  [AUDIT_METRICS.polls]: 'Polls of audit logs, by feed and result',
  aisix_audit_secrets_found: 'Secrets that patterns found in values which the rules allow, by kind',
  aisix_audit_feeds_silent: 'Feeds of changes that are silent now: changes may be missing or late',
  aisix_suspect_changes:
    'Changes of the last 24 hours that a look calls suspect and of which no person has said anything, by environment; without it those of the whole organization',
  aisix_audit_feed_failing: 'Whether a watcher or poller fails at the moment, by feed',
  [WATCH_METRICS.looks]: 'Looks at watched sources, by feed and result',
  [WATCH_METRICS.observations]: 'What watchers found, by feed and type',
  [WATCH_METRICS.observeFailures]: 'Tries to make what was found durable that failed; it is tried again, by feed',
  [AGENT_METRICS.delivered]: 'Observations that an agent handed over',
  [AGENT_METRICS.dropped]: 'Observations that an agent can never hand over, by reason',
  [AGENT_METRICS.postFailures]: 'Posts of an agent that failed; they are tried again, by reason',
  [AGENT_METRICS.spoolBytes]: 'Bytes that wait in the spool of an agent',
  [AGENT_METRICS.spoolRefused]: 'Observations that the spool of an agent did not take, by reason',
  [AGENT_METRICS.unknown]: 'Posts of agents of data planes that are not configured',
  aisix_ledger_rows: 'Rows that the ledger of changes ever had',
  ...LEDGER_METRIC_HELP,
  ...ANNOTATION_METRIC_HELP,
};
