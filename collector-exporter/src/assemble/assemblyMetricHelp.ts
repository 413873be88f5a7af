/** What each metric of assembly says. */
export const ASSEMBLY_METRIC_HELP: Readonly<Record<string, string>> = {
  aisix_open_requests: 'Requests that still wait for facts',
  aisix_assembly_commit_failures:
    'Times that assembled requests could not be written; they are tried again until they are',
  aisix_assembly_read_failures: 'Times that deliveries could not be read; they are tried again until they are',
};
