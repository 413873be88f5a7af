/** An option of a destination makes no sense; the message says which and what is expected, without its value. */
export class DestinationOptionsError extends Error {
  readonly code = 'destination_options';

  constructor(option: string, expected: string) {
    super(`destination option "${option}": ${expected}`);
    this.name = 'DestinationOptionsError';
  }
}

/** The destination was closed before this came to its end. */
export class DestinationClosedError extends Error {
  readonly code = 'destination_closed';

  constructor() {
    super('the destination was closed; a resend that began goes on at the next start');
    this.name = 'DestinationClosedError';
  }
}
