/** What is wrong with a text in code mode, and where: characters `from` to `to`, the last one not included. */
export class CodeProblem extends Error {
  override readonly name = 'CodeProblem';
  readonly from: number;
  readonly to: number;

  constructor(message: string, { from, to }: { readonly from: number; readonly to: number }) {
    super(message);
    this.from = from;
    this.to = to;
  }
}
