import { isLoopback } from './loopback.ts';
import { type CrossProblem, items, record } from './rawDocument.ts';
import { bareIssuer } from './toReaders.ts';

/** Checks of `grafana` that reach across entries and sections. Tolerates any shape. */
export function checkReaders(file: Readonly<Record<string, unknown>>): CrossProblem[] {
  const host = record(file.api).host;
  const beyond = typeof host === 'string' && !isLoopback(host);
  const several = items(file.environments).length > 1;
  const owner = new Map<string, number>();
  const problems: CrossProblem[] = [];
  for (const [index, item] of items(file.grafana).entries()) {
    const entry = record(item);
    if (beyond && entry.secret === undefined) {
      problems.push({
        path: ['grafana', index, 'secret'],
        expected: 'a secret, since `api` listens beyond this machine',
        hint: 'Grafana shows the same identity to every data source: the secret, also set in the data source, proves that a call came through this one',
      });
    }
    if (entry.environments === undefined ? several : Array.isArray(entry.environments) && !entry.environments.length) {
      problems.push({
        path: ['grafana', index, 'environments'],
        expected: 'the ids or names of the environments that this organization may see',
      });
    }
    if (typeof entry.issuer !== 'string' || entry.org_id === undefined) continue;
    const organization = `${bareIssuer(entry.issuer)} ${String(entry.org_id)}`;
    const first = owner.get(organization);
    if (first !== undefined) {
      problems.push({
        path: ['grafana', index],
        found: 'the same ones',
        expected: `an issuer and an org_id that entry ${first} does not have`,
      });
    }
    owner.set(organization, first ?? index);
  }
  return problems;
}
