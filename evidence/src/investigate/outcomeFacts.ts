import type { GatewayRequest } from '../model/request.ts';
import type { ConfigInForce } from './configInForce.ts';
import type { EarlierChange, EvidenceLine, ExplainedAttempt } from './explanation.ts';
import type { OutcomeClass } from './outcomeClass.ts';
import { quoted } from './sayWords.ts';
import type { Touched } from './touchedResources.ts';

/** What there is to conclude from. */
export interface OutcomeFacts {
  readonly request: GatewayRequest;
  readonly config: ConfigInForce;
  readonly touched: readonly Touched[];
  readonly changes: readonly EarlierChange[];
  readonly attempts: readonly ExplainedAttempt[];
}

/** What an outcome is called, and why. */
export interface Said {
  readonly sentence: string;
  /** Only where the configuration says another one than the outcome by itself. */
  readonly outcomeClass?: OutcomeClass;
  readonly evidence?: readonly EvidenceLine[];
}

export const modelWords = ({ requestedModel }: GatewayRequest): string =>
  requestedModel === undefined ? 'the request' : quoted(requestedModel);

export function keyWords(attempts: readonly ExplainedAttempt[]): string {
  const key = attempts.at(-1)?.providerKey;
  return key === undefined ? '' : `, with the provider key ${quoted(key)}`;
}
