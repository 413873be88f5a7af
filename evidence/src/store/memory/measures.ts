import { severityOf } from '../../model/outcome.ts';
import type { GatewayRequest } from '../../model/request.ts';
import type { Measure } from '../query.ts';
import { quantile } from './quantile.ts';

/** One number of some requests; `seconds` is the time that they came in. */
export function measure(which: Measure, requests: readonly GatewayRequest[], seconds: number): number | null {
  const sum = (of: (request: GatewayRequest) => number | undefined) =>
    requests.reduce((total, request) => total + (of(request) ?? 0), 0);
  const durations = () => requests.map(({ durationMs }) => durationMs);
  switch (which) {
    case 'rate':
      return requests.length / seconds;
    case 'count':
      return requests.length;
    case 'error_ratio':
      if (requests.length === 0) return null;
      return requests.filter(({ outcome }) => severityOf(outcome) === 'error').length / requests.length;
    case 'p50':
      return quantile(durations(), 0.5);
    case 'p95':
      return quantile(durations(), 0.95);
    case 'p99':
      return quantile(durations(), 0.99);
    case 'ttft_p95':
      return quantile(
        requests.flatMap(({ ttftMs }) => (ttftMs === undefined ? [] : [ttftMs])),
        0.95,
      );
    case 'tokens_in':
      return sum(({ tokens }) => tokens?.input);
    case 'tokens_out':
      return sum(({ tokens }) => tokens?.output);
    case 'cost':
      return sum(({ costUsd }) => costUsd);
  }
}
