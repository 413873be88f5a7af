import type { BoardRequest } from '../board.ts';
import { showClock, showCount, showDuration } from './numbers.ts';
import type { Palette } from './palette.ts';
import { fit, padEnd, padStart, safeText, textWidth } from './text.ts';

export interface TableOptions {
  readonly width: number;
  readonly palette: Palette;
  /** Name of a caller key, where the demo knows it. */
  readonly keyName: (id: string) => string;
}

interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** Gives way when the terminal is narrow, down to this many columns. */
  readonly shrinksTo?: number;
  readonly cell: (request: BoardRequest) => string;
  readonly style: (request: BoardRequest, cell: string) => string;
}

/** Terminals from here on get two columns of air between cells. */
const ROOMY = 96;

/** Rows of the newest requests under a line of titles. Unstyled cells are cut, never wrapped. */
export function requestTable(requests: readonly BoardRequest[], { width, palette, keyName }: TableOptions): string[] {
  const columns = columnsOf(palette, keyName);
  const gap = width >= ROOMY ? 2 : 1;
  const cells = requests.map((request) => columns.map((column) => column.cell(request)));
  const widths = columnWidths(columns, cells, width - gap * (columns.length - 1) - 1);
  const place = (column: Column, cell: string, columnWidth: number) =>
    column.right === true ? padStart(cell, columnWidth) : padEnd(cell, columnWidth);
  const line = (parts: readonly string[]) => ` ${parts.join(' '.repeat(gap))}`.trimEnd();

  const titles = line(
    columns.map((column, i) => palette.dim(place(column, fit(column.title, widths[i] ?? 0), widths[i] ?? 0))),
  );
  const rows = requests.map((request, row) =>
    line(
      columns.map((column, i) => {
        const cell = fit(cells[row]?.[i] ?? '', widths[i] ?? 0);
        return column.style(request, place(column, cell, widths[i] ?? 0));
      }),
    ),
  );
  return [titles, ...rows];
}

function columnWidths(columns: readonly Column[], cells: readonly string[][], room: number): number[] {
  const widths = columns.map((column, i) =>
    Math.max(textWidth(column.title), ...cells.map((row) => textWidth(row[i] ?? ''))),
  );
  // The widest column that may shrink gives way first.
  for (let excess = widths.reduce((sum, w) => sum + w, 0) - room; excess > 0; excess--) {
    const candidates = columns.map((column, i) =>
      (widths[i] ?? 0) > (column.shrinksTo ?? Number.POSITIVE_INFINITY) ? (widths[i] ?? 0) : 0,
    );
    const widest = candidates.indexOf(Math.max(...candidates));
    if ((candidates[widest] ?? 0) === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function columnsOf(palette: Palette, keyName: (id: string) => string): Column[] {
  const { dim, good, warning, bad } = palette;
  const byEnd = ({ severity, outcome }: BoardRequest) =>
    severity === 'error' ? bad : severity === 'warning' ? warning : outcome === 'success' ? good : dim;
  const plain = (_: BoardRequest, cell: string) => cell;
  const quiet = (_: BoardRequest, cell: string) => dim(cell);
  return [
    { title: 'time', cell: ({ end }) => showClock(end), style: quiet },
    {
      title: 'status',
      cell: ({ status }) => (status === undefined ? '–' : String(status)),
      style: (request, cell) => byEnd(request)(cell),
    },
    { title: 'outcome', shrinksTo: 10, cell: ({ outcome }) => outcome, style: (request, cell) => byEnd(request)(cell) },
    { title: 'requested → served', shrinksTo: 16, cell: models, style: plain },
    {
      title: 'key',
      shrinksTo: 6,
      cell: ({ apiKeyId }) => (apiKeyId === undefined ? '–' : safeText(keyName(apiKeyId))),
      style: quiet,
    },
    { title: 'took', right: true, cell: ({ start, end }) => showDuration(end - start), style: plain },
    { title: 'tokens', right: true, cell: tokens, style: quiet },
    {
      title: 'tries',
      right: true,
      cell: ({ attempts }) => (attempts === 0 ? '–' : String(attempts)),
      style: (request, cell) => (request.attempts > 1 ? palette.strong(cell) : dim(cell)),
    },
  ];
}

function models({ requestedModel, servedModel }: BoardRequest): string {
  const requested = requestedModel === undefined ? '–' : safeText(requestedModel);
  return servedModel === undefined || servedModel === requestedModel
    ? requested
    : `${requested} → ${safeText(servedModel)}`;
}

function tokens({ inputTokens, outputTokens }: BoardRequest): string {
  if (inputTokens === undefined && outputTokens === undefined) return '–';
  return `${showCount(inputTokens ?? 0)}→${showCount(outputTokens ?? 0)}`;
}
