import {
  type Ablations,
  type InvestigationParameters,
  PRODUCT_PARAMETERS,
  prepareEvidence,
  rankSuspects,
  weighChange,
} from '@aisix-observability/evidence';
import type { Algorithm, JudgedInput, Opened } from './algorithm.ts';

/** The product with its windows and looks, or with other parameters. */
export function product(name: string, parameters: InvestigationParameters = PRODUCT_PARAMETERS): Algorithm {
  return { name, open: (input) => opened(input, parameters) };
}

/** The product without one of its parts. */
export function without(name: string, part: keyof Ablations): Algorithm {
  const ablations = { ...PRODUCT_PARAMETERS.ablations, [part]: false };
  return product(name, { ...PRODUCT_PARAMETERS, ablations });
}

function opened({ window, changes, config }: JudgedInput, parameters: InvestigationParameters): Opened {
  const at = (time: number) => (config.findLast(({ from }) => from <= time) ?? config[0])?.entries ?? [];
  const evidence = prepareEvidence({ window, changes, config: { at } }, parameters);
  return {
    weigh(change, now) {
      const { verdict, reason, look, nextLookAt } = weighChange(evidence, change, now);
      return { verdict, reason, look: look?.name, nextLookAt };
    },
    rank(start, now) {
      // The server knows the suspects of a range from its timed looks.
      const suspects = () => changes.filter((change) => weighChange(evidence, change, now).verdict === 'suspect');
      const query = start === undefined ? { suspects: suspects().map(({ id }) => id) } : { start };
      return rankSuspects(evidence, query, now).map((incident) => ({
        start: incident.start,
        end: incident.end,
        bad: incident.bad,
        candidates: incident.candidates.map(({ kind, id, name, relative }) => ({ kind, id, name, relative })),
      }));
    },
  };
}
