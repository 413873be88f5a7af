// As in `contract.ts`: the server's own types, and only types.
import type { changesAnswer, changesBody, configChange } from '../../../server/src/api/contract/change.ts';

/** A configuration change as an audit reader sees it. Secret values are hashes already. Times are epoch milliseconds. */
export type ConfigChange = (typeof configChange)['_output'];
export type ChangesAnswer = (typeof changesAnswer)['_output'];
export type ChangesInput = (typeof changesBody)['_input'];
export type ChangeFilter = NonNullable<ChangesInput['filters']>[number];
