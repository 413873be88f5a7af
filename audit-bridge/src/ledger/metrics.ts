/** What the ledger counts. */
export const LEDGER_METRICS = {
  stored: 'aisix_ledger_observations_stored',
  repeated: 'aisix_ledger_observations_repeated',
  conflicts: 'aisix_ledger_conflicts',
  dropped: 'aisix_ledger_rows_dropped',
} as const;

export const LEDGER_METRIC_HELP: Readonly<Record<string, string>> = {
  [LEDGER_METRICS.stored]: 'Observations of changes that were stored',
  [LEDGER_METRICS.repeated]: 'Observations that were known already',
  [LEDGER_METRICS.conflicts]: 'Observations whose id was known with other content',
  [LEDGER_METRICS.dropped]: 'Rows that retention dropped from the ledger',
};
