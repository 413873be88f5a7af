import {
  ARCHIVE_METRIC_HELP,
  ASSEMBLY_METRIC_HELP,
  FOLLOWER_METRIC_HELP,
  INPUT_METRIC_HELP,
  REQUEST_METRIC_BOUNDARIES,
  REQUEST_METRIC_HELP,
} from '@aisix-observability/collector-exporter';
import { DESTINATION_METRIC_HELP, STREAM_METRIC_BOUNDARIES, STREAM_METRIC_HELP } from '@aisix-observability/pipeline';
import { AUDIT_METRIC_HELP } from '../audit/metricHelp.ts';
import { STORE_METRIC_HELP } from '../store/metricHelp.ts';
import { EVENT_LOOP_BOUNDARIES, EVENT_LOOP_TURN } from './eventLoop.ts';

/** What `/metrics` says about each name that the server itself records; other rooms bring their own table. */
export const SERVER_METRIC_HELP: Readonly<Record<string, string>> = {
  aisix_deliveries_stored: 'Deliveries that were made durable, by input',
  aisix_events_stored: 'Usage events and spans that were made durable, by input and feed',
  aisix_deliveries_not_stored: 'Deliveries that the stream did not take, by input and reason',
  aisix_clock_offset_seconds:
    'Smallest difference between receipt and the time of an event, by sender; beyond 2 s a clock is off',
  aisix_store_duration: 'Time from a decoded delivery to its fsync',
  aisix_stream_limit_bytes: 'Bytes that a durable stream may hold',
  aisix_stream_age_seconds: 'Age of the oldest row of a durable stream',
  aisix_request_assembled_after_seconds: 'Time from the end of a live request to its being assembled here',
  aisix_request_delivered_after_seconds:
    'Time from the end of a live request to its acknowledgement by a destination, by destination',
  aisix_queries: 'Queries of the api, by query, lane and how they ended',
  aisix_query_duration: 'Time that a query waited and ran, by query and lane',
  aisix_verdict_looks: 'Timed looks at changes, by what they found',
  aisix_verdict_look_failures: 'Looks at changes that failed; they are tried again',
  aisix_verdict_changes_cut: '1 while there are more changes in a day than are looked at: the oldest are left out',
  aisix_tails: 'Live tails that are open',
  aisix_http_requests: 'Requests answered by a listener, by route and status class',
  aisix_http_unreadable: 'What reached a listener and never became a request, by listener and code',
  aisix_refused_callers: 'Callers of the api listener that were refused, by code',
  aisix_grafana_key_fetches: 'Fetches of the signing keys of Grafana, by result',
  [EVENT_LOOP_TURN]: 'Time between two turns of the event loop where one was asked for every 10 ms, by thread',
  aisix_start_time_seconds: 'When the server started, in seconds since 1970',
  aisix_build_info: 'Always 1; the version stands in the label',
};

/** Of everything that any thread of the server records: both threads share names. */
export const METRIC_HELP: Readonly<Record<string, string>> = {
  ...SERVER_METRIC_HELP,
  ...INPUT_METRIC_HELP,
  ...FOLLOWER_METRIC_HELP,
  ...ARCHIVE_METRIC_HELP,
  ...STREAM_METRIC_HELP,
  ...ASSEMBLY_METRIC_HELP,
  ...DESTINATION_METRIC_HELP,
  ...STORE_METRIC_HELP,
  ...AUDIT_METRIC_HELP,
  ...REQUEST_METRIC_HELP,
};

/** Bucket boundaries of the histograms that have their own. */
export const METRIC_BOUNDARIES: Readonly<Record<string, readonly number[]>> = {
  ...STREAM_METRIC_BOUNDARIES,
  [EVENT_LOOP_TURN]: EVENT_LOOP_BOUNDARIES,
  ...REQUEST_METRIC_BOUNDARIES,
};
