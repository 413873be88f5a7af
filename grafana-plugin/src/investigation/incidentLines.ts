import type { DataFrame } from '@grafana/data';
import type { Candidate } from '../api/investigations';
import { ageWords, lengthWords, reasonOf, troubleWords, whoOf } from './candidateWords';
import { type FoundIncident, nameOf, rowOf } from './incidentFrames';
import { type Line, lineFrame } from './lines';
import { verdictWordsOf } from './verdictWords';

/** Incidents line by line: what happened, what most likely caused it, what else might have. */
export function incidentLines(found: readonly FoundIncident[], refId: string): DataFrame {
  return lineFrame(
    found.flatMap((one) => linesOf(one, found.length > 1)),
    refId,
    { incident: 'red', 'most likely': 'orange' },
  );
}

/** Candidates with less evidence than this beside the others are counted, not told. */
const TOLD = 0.01;

/** @param besideOthers other incidents are told, too */
function linesOf(found: FoundIncident, besideOthers: boolean): Line[] {
  const { incident } = found;
  const { start, bad, total, candidates } = incident;
  const trouble = `${bad} of ${total} requests: ${troubleWords(incident)}`;
  const isTold = incident.symptoms.length > 0;
  const blamed = candidates.filter(({ bystander, relative }, at) => !bystander && (at === 0 || relative >= TOLD));
  const bystanders = candidates.filter(({ bystander }) => bystander);
  const lineOf = (candidate: Candidate, finding: string): Line => {
    const row = rowOf(found, candidate);
    const reason = reasonOf(candidate);
    const made = row.change === undefined ? [] : [`made ${ageWords(row.change, incident)}`];
    const who = whoOf(row.change);
    const verdict = verdictWordsOf(row.change);
    const facts = [...(who === undefined ? [] : [`by ${who}`]), ...made, ...(verdict === undefined ? [] : [verdict])];
    return {
      finding,
      about: nameOf(row),
      says: [`${percent(candidate.relative)} of the evidence`, ...facts]
        .join(', ')
        .concat(reason === `${nameOf(row)}.` ? '.' : `. ${reason}`),
      time: row.change?.occurredAt,
    };
  };
  return [
    isTold
      ? { finding: 'incident', about: lengthWords(incident), says: trouble, time: start }
      : besideOthers
        ? { finding: 'other changes', says: 'Near this time, ordered by what each did by itself.', time: start }
        : { finding: 'no incident', says: `At this time there was ${troubleWords(incident)}.`, time: start },
    ...blamed.map((candidate, at) => lineOf(candidate, at === 0 && isTold ? 'most likely' : 'possible')),
    ...(bystanders.length === 0
      ? []
      : [
          {
            finding: 'bystanders',
            about: `${bystanders.length} near in time`,
            says: listed(bystanders.map((each) => nameOf(rowOf(found, each)) ?? '')),
          },
        ]),
  ];
}

/** Bystanders that are named; the table has all. */
const NAMED = 5;

function listed(names: readonly string[]): string {
  const told = names.slice(0, NAMED).join('; ');
  return names.length > NAMED ? `${told}; ${names.length - NAMED} more` : told;
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
