/** The unknown destination of a `resend`. */
export class UnknownDestinationError extends Error {
  readonly code = 'unknown_destination';

  constructor(known: readonly string[]) {
    super(`no destination of that name is configured; there is: ${known.join(', ') || 'none'}`);
  }
}
