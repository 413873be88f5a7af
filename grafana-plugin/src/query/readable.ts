import { migrate } from './migrate';
import type { ObservabilityQuery } from './model';

/**
 * What is made of a saved query, or `otherwise` where it cannot be read or has something that cannot be asked. For what
 * Grafana calls outside of answers: an error there would break its page. The query itself fails in words when it is run.
 */
export function ofReadable<Made>(saved: object, make: (query: ObservabilityQuery) => Made, otherwise: Made): Made {
  try {
    return make(migrate(saved));
  } catch {
    return otherwise;
  }
}
