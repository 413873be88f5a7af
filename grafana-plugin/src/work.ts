// Everything that asks the server and makes frames, in a file of its own: it is loaded with the first query, while
// Grafana loads the plugin itself with the list of data sources.
export { tagKeys, tagValues } from './adHoc/adHoc';
export { createClient } from './api/client';
export { testConnection } from './health/testConnection';
export { logRowContext } from './logContext/logContext';
export { askedOf } from './run/asked';
export { runRequest } from './run/runRequest';
export { variableValues } from './variables/variableValues';
