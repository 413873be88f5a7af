import { explainRequest, OUTCOME_CLASSES, severityOf } from '@aisix-observability/evidence';
import { recordedRequests } from '../store/recordedStore.ts';

/** Classes with what they mean, for the documentation. */
export function classRows(): string[][] {
  return Object.entries(OUTCOME_CLASSES).map(([name, says]) => [`\`${name}\``, says]);
}

/**
 * How the requests of the recorded suite were classed, by what the gateway wrote of them; without a configuration to
 * look at, which may say better.
 */
export function outcomeRows(): string[][] {
  const groups = new Map<string, { readonly cells: string[]; count: number }>();
  for (const request of recordedRequests('suite').requests) {
    const { outcomeClass } = explainRequest({ request, changes: [] });
    const { status, errorClass, outcome, attempts } = request;
    const tried = attempts.length === 0 ? 'none' : attempts.some(({ dispatched }) => dispatched) ? 'sent' : 'not sent';
    const cells = [
      String(status ?? '–'),
      errorClass === undefined ? '–' : `\`${errorClass}\``,
      tried,
      `\`${outcome}\``,
      `\`${outcomeClass}\``,
      severityOf(outcome),
    ];
    const group = groups.get(cells.join('|'));
    if (group === undefined) groups.set(cells.join('|'), { cells, count: 1 });
    else group.count += 1;
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { cells, count }]) => [...cells, String(count)]);
}
