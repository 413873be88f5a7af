/**
 * Why a source could not be read. Stable codes; they are also the reasons of gaps.
 * `transient`: it may well be whole the next moment (half-written, just being replaced).
 */
export interface SourceFault {
  readonly code: string;
  /** What was found and what was expected; never quotes what the source holds. */
  readonly message: string;
  readonly transient: boolean;
}

/** Ends one reading of a source. */
export class SourceError extends Error {
  readonly fault: SourceFault;

  constructor(code: string, message: string, transient = false, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceError';
    this.fault = { code, message, transient };
  }
}
