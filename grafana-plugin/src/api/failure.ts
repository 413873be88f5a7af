import { QueryFailure } from './queryFailure';

/** What to do about a refusal, where its own message does not say so. */
const ADVICE: Readonly<Record<string, string>> = {
  query_timeout: 'Choose a shorter range, add filters, or look for less free text.',
  too_many_queries: 'Wait a moment and run it again; fewer panels at a time help.',
  too_many_tails: 'Stop a live tail in another tab.',
  points_too_many: 'Group by fewer fields, or choose a shorter range or a longer interval.',
  buckets_too_many: 'Choose a shorter range or a longer interval.',
  environment_none: 'An administrator of the server has to list environments for this Grafana organization.',
  environment_unknown: 'Choose another environment in the query or in the settings of the data source.',
  store_unavailable: 'The log of the server says why; run the query again in a moment.',
  stopping: 'The server is restarting; run the query again in a moment.',
  internal: 'The log of the server says more.',
};

/** What Grafana's data proxy writes in place of an upstream's 401. */
const PROXY_UNAUTHORIZED = 'Authentication to data source failed';

/** How browsers say that there was no connection. */
const UNREACHABLE = /fetch|network|load failed/i;

/**
 * The failure behind anything that a request through Grafana's data proxy may end with. Texts of the server are passed
 * on, since they name what was found and what was expected; everything else is put into words here.
 */
export function failureOf(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  if (error instanceof Error && !('status' in error) && !UNREACHABLE.test(error.message)) {
    return new QueryFailure(sentences('The plugin failed', error.message));
  }
  const { status, data, message, statusText } = readError(error);
  const refusal = readRefusal(data);
  if (refusal !== undefined) {
    const { code, hint } = refusal;
    return new QueryFailure(sentences(refusal.message, hint, ADVICE[code]), { status, code });
  }
  const said = [messageIn(data), message, statusText].find((text) => text !== undefined && text !== '');
  return new QueryFailure(inWords(status, said), { status });
}

function inWords(status: number | undefined, said: string | undefined): string {
  if (said?.includes(PROXY_UNAUTHORIZED) || status === 401) {
    return 'The server did not accept who is asking. Check the secret in the settings of the data source, and that the server lists this Grafana (issuer, organization, address of its signing keys); its log names what it expected.';
  }
  switch (status) {
    case 403:
      return 'You may not ask this: changes and investigations are for audit readers, and anything else that is refused here is for administrators.';
    case 404:
      return 'The server does not know this route. Check the server address in the settings of the data source, and that the server is as new as the plugin.';
    case 408:
    case 504:
      return 'Grafana waited too long for the answer. Choose a shorter range or add filters; `timeout` of the data proxy is 30 s by default.';
    case 413:
      return 'The query is too large. Use fewer filters and values.';
    case 429:
      return sentences('Too many queries at a time', ADVICE.too_many_queries);
    case undefined:
    case 0:
    case 502:
    case 503:
      return 'Grafana cannot reach the server. Check the server address in the settings of the data source, and that the server runs.';
    default:
      return sentences(`The query failed with status ${status}`, said);
  }
}

/** Of what is no object at all, too: anything may be thrown. */
function readError(error: unknown) {
  const { status, data, message, statusText } = asRecord(error);
  return {
    status: typeof status === 'number' && status >= 0 ? status : undefined,
    data,
    message: textOf(message),
    statusText: textOf(statusText),
  };
}

function readRefusal(
  data: unknown,
): { readonly code: string; readonly message: string; readonly hint: string | undefined } | undefined {
  const { code, message, hint } = asRecord(asRecord(data).error);
  return typeof code === 'string' && typeof message === 'string' ? { code, message, hint: textOf(hint) } : undefined;
}

const messageIn = (data: unknown) => textOf(data) ?? textOf(asRecord(data).message);

/** Longest text of others that is shown; a proxy may answer with a whole page. */
const SHOWN = 300;

const textOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, SHOWN) : undefined);

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Texts as sentences, each with a capital and a full stop. */
function sentences(...texts: readonly (string | undefined)[]): string {
  return texts
    .filter((text) => text !== undefined && text !== '')
    .map((text) => (text ?? '').replace(/^[a-z]/, (first) => first.toUpperCase()).replace(/[^.!?]$/, '$&.'))
    .join(' ');
}
