/** What `/metrics` says about each name that the store's thread records. */
export const STORE_METRIC_HELP: Readonly<Record<string, string>> = {
  aisix_store_versions_applied: 'Versions of requests written to the store',
  aisix_store_apply_seconds: 'Time of one step of writing to the store',
  aisix_store_apply_failures: 'Steps that the store refused; they are tried again',
  aisix_store_rows_missed: 'Rows that were trimmed from the stream before the store had read them',
  aisix_store_versions_forgetful:
    'Late versions of requests left out because the store knew more attempts or feeds of them, forgotten elsewhere',
  aisix_store_rows_behind: 'Rows of the stream of requests that are not in the store yet',
  aisix_store_requests: 'Requests held by the store',
  aisix_store_open_requests: 'Requests held by the store that still wait for facts',
  aisix_store_bytes: 'Bytes of the store on disk',
  aisix_store_oldest_seconds: 'Start of the oldest request held, in seconds since 1970',
  aisix_store_requests_expired: 'Requests dropped because they are past retention',
};
