import type { BucketFaultCode } from './bucketErrors.ts';

/** Why a poll did not go through. The message names what to check and holds nothing from outside. */
export interface PollFault {
  /** One of the store's, or one of {@link OWN_FAULTS}. */
  readonly code: BucketFaultCode | OwnFaultCode;
  readonly message: string;
}

/** Faults on this side of the store. */
export const OWN_FAULTS = {
  accept_failed: 'events could not be stored: see what the log says of the stream',
  state_failed: 'the follower cannot write down what it has read: check `data_dir`',
  unexpected: 'a fault of this program: see the log',
  closed: 'the follower was closed',
} as const;

export type OwnFaultCode = keyof typeof OWN_FAULTS;

/** Ends a poll. */
export class PollError extends Error {
  readonly fault: PollFault;

  constructor(fault: PollFault, cause?: unknown) {
    super(fault.code, { cause });
    this.name = 'PollError';
    this.fault = fault;
  }
}

export const ownFault = (code: OwnFaultCode): PollFault => ({ code, message: OWN_FAULTS[code] });
