import type { Oracle } from './oracleCase.ts';
import { oracle6Ensemble, oracle7EnsembleBlocked } from './oraclesOfEnsembles.ts';
import { oracle10TerminalLost, oracle11ReusedRequestId, oracle12UnknownFields } from './oraclesOfIdentity.ts';
import {
  oracle3GuardrailInput,
  oracle4Budget,
  oracle5CacheHit,
  oracle13McpBlocked,
  oracle14ClientClosed,
  oracle15SingleShotFailure,
} from './oraclesOfRefusals.ts';
import { oracle1Failover, oracle2AllFailed, oracle8LateWinner, oracle9Duplicates } from './oraclesOfRouting.ts';

export type { ExpectedAttempt, ExpectedRequest, Oracle, OracleDelivery } from './oracleCase.ts';
export {
  oracle1Failover,
  oracle2AllFailed,
  oracle3GuardrailInput,
  oracle4Budget,
  oracle5CacheHit,
  oracle6Ensemble,
  oracle7EnsembleBlocked,
  oracle8LateWinner,
  oracle9Duplicates,
  oracle10TerminalLost,
  oracle11ReusedRequestId,
  oracle12UnknownFields,
  oracle13McpBlocked,
  oracle14ClientClosed,
  oracle15SingleShotFailure,
};

/** The fifteen cases in order. */
export const ORACLES: readonly Oracle[] = [
  oracle1Failover(),
  oracle2AllFailed(),
  oracle3GuardrailInput(),
  oracle4Budget(),
  oracle5CacheHit(),
  oracle6Ensemble(),
  oracle7EnsembleBlocked(),
  oracle8LateWinner(),
  oracle9Duplicates(),
  oracle10TerminalLost(),
  oracle11ReusedRequestId(),
  oracle12UnknownFields(),
  oracle13McpBlocked(),
  oracle14ClientClosed(),
  oracle15SingleShotFailure(),
];
