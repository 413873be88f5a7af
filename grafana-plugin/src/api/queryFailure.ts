/** What went wrong with a query, in words that say what to do. */
export class QueryFailure extends Error {
  override readonly name = 'QueryFailure';
  readonly status: number | undefined;
  /** Code of the server's refusal, where it was the server that refused. */
  readonly code: string | undefined;

  constructor(
    message: string,
    { status, code }: { readonly status?: number | undefined; readonly code?: string | undefined } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
