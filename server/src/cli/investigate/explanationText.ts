import type { EarlierChange, RequestExplanation, TouchedResource } from '@aisix-observability/evidence';
import { escapeText } from '../../telemetry/log.ts';

const STANDING: Readonly<Record<TouchedResource['standing'], string>> = {
  in_force: 'served as saved',
  refused: 'AN OLDER ONE WAS SERVED: the newest document was refused',
  pending: 'NOT SERVED AS SAVED',
  in_transition: 'in transition',
  wanted_only: 'as saved; no data plane tells what it serves',
  absent: 'NOT IN THE CONFIGURATION',
  unknown: 'not known here',
};

const MET: Readonly<Record<EarlierChange['met'], string>> = {
  in_force: 'in force',
  not_in_force: 'not in force then',
  in_transition: 'coming into force then',
  refused: 'refused, without effect',
  unknown: 'not known whether in force',
};

/** Paths of one change that are named; a new document has dozens. */
const SHOWN_PATHS = 4;

/** One explanation as lines for a terminal; everything that somebody else wrote is escaped. */
export function explanationText(said: RequestExplanation, environments: ReadonlyMap<string, string>): string {
  const { requestId, traceId, environment, startTime, outcome, status, configuration } = said;
  const place = environments.get(environment) ?? environment;
  const lines = [
    `Request ${requestId} in ${place}, ${instant(startTime)}${traceId === undefined ? '' : `, trace ${traceId}`}`,
    `  ${said.outcomeClass} (outcome ${outcome}${status === undefined ? '' : `, status ${status}`})`,
    `  ${said.sentence}`,
    ...section(
      'Because',
      said.evidence.map(({ text }) => text),
    ),
    ...section(
      'Attempts',
      said.attempts.map(({ index, kind, model, providerKey, proves }) => {
        const where = [model, providerKey === undefined ? undefined : `key ${providerKey}`].filter((word) => word);
        return `${index} ${kind}${where.length === 0 ? '' : ` at ${where.join(', ')}`}: ${proves}`;
      }),
    ),
    ...section(`Configuration at its start (${basisWords(configuration)})`, said.resources.map(resourceLine)),
    ...section('Changes before it', [said.changesSentence, ...someChanges(said.changes)]),
    ...section(
      'What cannot be known',
      said.unknowns.map(({ text }) => text),
    ),
  ];
  return `${lines.map(escapeText).join('\n')}\n`;
}

const section = (head: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `  ${head}`, ...lines.map((line) => `    ${line}`)];

function basisWords({ source, dataPlanes }: RequestExplanation['configuration']): string {
  switch (source) {
    case 'data_plane':
    case 'only_data_plane':
      return `as served by ${dataPlanes.join(', ')}`;
    case 'all_data_planes':
      return `as served by ${dataPlanes.length} data planes`;
    case 'wanted':
      return 'as saved';
    case 'none':
      return 'not known';
  }
}

/** Why it may have taken part, where that is not certain. */
const doubtOf = ({ kind }: TouchedResource): string => `by its ${kind === 'provider_key' ? 'label' : 'scope'} only`;

function resourceLine(touched: TouchedResource): string {
  const { kind, name, id, role, certain, standing, revision, since, wanted } = touched;
  const version = [
    revision === undefined ? undefined : `revision ${revision}`,
    since === undefined ? undefined : `since ${instant(since)}`,
    wanted?.revision === undefined ? undefined : `saved revision ${wanted.revision}`,
  ].filter((word) => word !== undefined);
  const told = [STANDING[standing], ...version, ...(certain ? [] : [doubtOf(touched)])].join(', ');
  return `${role}: ${kind} ${name ?? id ?? '(no name)'}, ${told}`;
}

/** Changes that are listed, the newest and all suspects: automation makes hundreds a day, and `--json` has all. */
const SHOWN_CHANGES = 20;

function someChanges(changes: readonly EarlierChange[]): string[] {
  const shown = changes.filter((one, place) => place < SHOWN_CHANGES || BLAMED.has(judgedOf(one) ?? ''));
  const left = changes.length - shown.length;
  return [...shown.flatMap(changeLines), ...(left > 0 ? [`… and ${left} older ones`] : [])];
}

/** What a change is listed for, however old it is. */
const BLAMED = new Set(['suspect', 'confirmed']);

/** A person has the last word. */
const judgedOf = ({ change: { verdict } }: EarlierChange) => verdict?.human?.value ?? verdict?.computed?.value;

/** Verdicts that are worth their sentence here. */
const TOLD = new Set(['suspect', 'provider_outage']);

function changeLines(earlier: EarlierChange): string[] {
  const { value, sentence } = earlier.change.verdict?.computed ?? {};
  const isTold = value !== undefined && sentence !== undefined && TOLD.has(value);
  return [changeLine(earlier), ...(isTold ? [`  ${sentence}`] : [])];
}

function changeLine(earlier: EarlierChange): string {
  const { change, ageMs, met, certain } = earlier;
  const { action, resource, actor, paths, id, occurredAt } = change;
  const named = paths.slice(0, SHOWN_PATHS).map(({ path }) => path);
  const more = paths.length > named.length ? ` and ${paths.length - named.length} more` : '';
  const who = actor === undefined ? '' : ` by ${actor.name ?? actor.id ?? actor.type}`;
  const what = named.length === 0 ? '' : ` (${named.join(', ')}${more})`;
  const judged = judgedOf(earlier);
  const said = [MET[met], ...(certain ? [] : ['may concern it']), ...(judged === undefined ? [] : [judged])].join(', ');
  return `${instant(occurredAt)}, ${ageWords(ageMs)} before: ${action} ${resource.kind} ${resource.name ?? resource.id ?? ''}${what}${who}; ${said} [${id}]`;
}

function ageWords(millis: number): string {
  const seconds = millis / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

const instant = (millis: number): string => new Date(millis).toISOString();
