import type { GatewayRequest } from '../model/request.ts';
import type { ConfigInForce } from './configInForce.ts';
import type { EvidenceLine } from './explanation.ts';
import { counted, duration, quoted, resourceWords, statusWords } from './sayWords.ts';
import type { Touched } from './touchedResources.ts';

/** Longest error message in an evidence line. */
const MESSAGE_CHARACTERS = 300;

/** What the record itself says. */
export function recordLines({
  status,
  errorClass,
  errorMessage,
  attempts,
  guardrail,
  state,
}: GatewayRequest): EvidenceLine[] {
  const message = errorMessage ?? attempts.findLast((attempt) => attempt.errorMessage !== undefined)?.errorMessage;
  return [
    ...(status === undefined ? [] : [{ code: 'status', text: `The caller saw status ${status}.` }]),
    ...(errorClass === undefined ? [] : [{ code: 'error_class', text: `The gateway calls it ${errorClass}.` }]),
    ...(message === undefined
      ? []
      : [{ code: 'error_message', text: `Message: ${message.slice(0, MESSAGE_CHARACTERS)}` }]),
    ...(attempts.length === 0
      ? [{ code: 'no_attempt', text: 'No attempt at any provider was made.' }]
      : attempts.map(({ index, kind, model, status: got, errorClass: why, durationMs }) => ({
          code: 'attempt',
          text: `Attempt ${index} (${kind})${model === undefined ? '' : ` at ${quoted(model)}`}: ${statusWords(got, why)} after ${duration(durationMs)}.`,
          attempt: index,
        }))),
    ...(guardrail?.hits ?? []).map(({ name, hook, action, mode }) => ({
      code: 'guardrail_hit',
      text: `Guardrail ${quoted(name)} (${hook}, ${mode}): ${action}.`,
    })),
    ...(state === 'open' ? [{ code: 'open', text: 'More of it may still come: it is not final.' }] : []),
  ];
}

/** Data planes that did not serve everything as it was saved, by their own word. */
export function stateLines({ basis, states }: ConfigInForce): EvidenceLine[] {
  return Object.entries(states).flatMap(([name, { state, at, rejected }]) => {
    const matters = basis.dataPlanes.length === 0 || basis.dataPlanes.includes(name);
    if (!matters || (state === 'synced' && rejected.length === 0)) return [];
    const refused = rejected.length === 0 ? '' : `, ${counted(rejected.length, 'document')} refused`;
    const since = new Date(at).toISOString();
    return [
      { code: 'data_plane_state', text: `The data plane ${quoted(name)} was ${state} since ${since}${refused}.` },
    ];
  });
}

/** Resources that were not served as they were wanted: worth knowing even where they explain nothing. */
export function standingLines(touched: readonly Touched[]): EvidenceLine[] {
  return touched.flatMap(({ resolved }) => {
    if (resolved?.standing === 'refused') {
      return [
        {
          code: 'serving_older',
          text: `The newest document of the ${resourceWords(resolved)} was refused; an older one served.`,
        },
      ];
    }
    if (resolved?.standing === 'pending') {
      return [{ code: 'not_served_yet', text: `The ${resourceWords(resolved)} was not yet served as it was saved.` }];
    }
    return [];
  });
}
