/** What came of a test at one output. */
export interface OutputTest {
  readonly name: string;
  /** Scheme, host and port only. */
  readonly origin: string;
  readonly works: boolean;
  /** Why it does not. */
  readonly said?: string;
  readonly hint?: string;
}
