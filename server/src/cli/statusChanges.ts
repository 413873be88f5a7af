import type { EngineStatus } from '../engine.ts';

/** Lines about the audit bridge; none where changes are not received. */
export function changesLines(
  { audit }: Pick<EngineStatus, 'audit'>,
  environments: ReadonlyMap<string, string>,
  ago: (at: number | undefined) => string,
): string[] {
  if (audit === undefined) return [];
  const { head, feeds, silent, annotations, logDestinations } = audit;
  const nameOf = (environment: string | null | undefined) =>
    environment === undefined || environment === null ? '' : ` in ${environments.get(environment) ?? environment}`;
  return [
    '',
    `changes       ${head === undefined ? 'none yet' : `${head.seq} rows in the ledger, newest ${ago(head.at)}`}`,
    ...feeds.map(
      ({ name, type, environment, state, fault, heardAt }) =>
        `  ${name.padEnd(14)}${state}, ${type}${nameOf(environment)}, heard ${ago(heardAt)}${fault === undefined ? '' : `: ${fault.code}, ${fault.message}`}`,
    ),
    ...silent.map(
      ({ feed, environment, from, reason }) =>
        `  ${feed.name}${nameOf(environment)}: silent since ${new Date(from).toISOString()} (${reason})`,
    ),
    ...annotations.flatMap(({ name, origin, state, waiting, lastSuccessAt, lastError }) => [
      `  ${name.padEnd(14)}${state}, annotations at ${origin}, last ${ago(lastSuccessAt)}; ${waiting} waiting`,
      ...(lastError === undefined || state === 'ok'
        ? []
        : [`    last error ${ago(lastError.at)}: ${lastError.message}`]),
      ...(lastError?.hint === undefined || state === 'ok' ? [] : [`      ${lastError.hint}`]),
    ]),
    ...logDestinations.map(
      ({ name, origin, state, backlogRows, delivered, lastError }) =>
        `  ${name.padEnd(14)}${state}, log events at ${origin}, ${delivered} delivered, behind ${backlogRows}${lastError === undefined || state === 'ok' ? '' : `; ${lastError.message}`}`,
    ),
  ];
}
