/** One line of the table that `pnpm bench` ends with. */
export interface BenchResult {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  /** Absent where there is no goal. */
  readonly met?: boolean;
}

/** Prints a result, and hands it to `main.ts` when that started this process. */
export function report(result: BenchResult): void {
  process.stdout.write(`${tableRow(result)}\n`);
  process.send?.(result);
}

export const TABLE_HEAD = '| what | measured | goal | met |\n|---|---|---|---|';

export function tableRow({ what, measured, goal, met }: BenchResult): string {
  return `| ${what} | ${measured} | ${goal} | ${met === undefined ? '–' : met ? 'yes' : 'no'} |`;
}

export const thousands = (value: number): string => Math.round(value).toLocaleString('en');
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
