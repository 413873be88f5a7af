import type { BoardRequest } from '../board.ts';
import { showClock, showDuration, showShortCount } from './numbers.ts';
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
  /** Where the title does not fit. */
  readonly shortTitle?: string;
  /** Columns of the terminal; the same for every picture, so that nothing jumps when a longer word comes in. */
  readonly width: number;
  /** Narrower terminals do without. */
  readonly from?: number;
  readonly right?: boolean;
  readonly cell: (request: BoardRequest) => string;
  readonly style: (request: BoardRequest, cell: string) => string;
}

/** Terminals from here on get two columns of air between cells. */
const ROOMY = 96;
/** Status, a space, and the longest outcome. */
const OUTCOME_WIDTH = 21;
/** Two long model names; what is left goes to the reason, where there is room for one. */
const MAX_MODEL_WIDTH = 44;
const MODEL_WIDTH_BESIDE_REASON = 34;
/** Terminals from here on say why a request failed in its row. */
const WIDE = 132;

/** Rows of the newest requests under a line of titles. Cells are cut, never wrapped. */
export function requestTable(requests: readonly BoardRequest[], { width, palette, keyName }: TableOptions): string[] {
  const roomy = width >= ROOMY;
  const gap = ' '.repeat(roomy ? 2 : 1);
  const fixed = columnsOf(palette, keyName, roomy).filter(({ from = 0 }) => width >= from);
  const room = width - 1 - fixed.reduce((sum, column) => sum + column.width + gap.length, -gap.length);
  const wide = width >= WIDE;
  const modelWidth = Math.min(room, wide ? MODEL_WIDTH_BESIDE_REASON : MAX_MODEL_WIDTH);
  const columns = [
    ...fixed.map((column) => (column.width === 0 ? { ...column, width: modelWidth } : column)),
    ...(wide ? [reason(room - modelWidth - gap.length, palette)] : []),
  ];
  const line = (cellOf: (column: Column) => string) => ` ${columns.map(cellOf).join(gap)}`.trimEnd();
  const place = (column: Column, text: string) => {
    const cut = fit(text, column.width);
    return column.right === true ? padStart(cut, column.width) : padEnd(cut, column.width);
  };
  return [
    line((column) =>
      palette.dim(
        place(column, textWidth(column.title) <= column.width ? column.title : (column.shortTitle ?? column.title)),
      ),
    ),
    ...requests.map((request) => line((column) => column.style(request, place(column, column.cell(request))))),
  ];
}

function columnsOf(palette: Palette, keyName: (id: string) => string, roomy: boolean): Column[] {
  const { dim, strong } = palette;
  const plain = (_: BoardRequest, cell: string) => cell;
  const quiet = (_: BoardRequest, cell: string) => dim(cell);
  return [
    { title: 'time', width: 8, cell: ({ end }) => showClock(end), style: quiet },
    {
      title: 'outcome',
      width: OUTCOME_WIDTH,
      cell: ending,
      style: (request, cell) => paintEnding(request, palette)(cell),
    },
    { title: 'requested → served', shortTitle: 'model', width: 0, cell: models, style: plain },
    {
      title: 'key',
      width: 11,
      from: 80,
      cell: ({ apiKeyId }) => (apiKeyId === undefined ? '–' : safeText(keyName(apiKeyId))),
      style: quiet,
    },
    {
      title: 'took',
      width: roomy ? 7 : 6,
      right: true,
      cell: ({ start, end }) => showDuration(end - start),
      style: plain,
    },
    { title: 'tokens', width: 9, from: 70, right: true, cell: tokens, style: quiet },
    {
      title: roomy ? 'tries' : 'try',
      width: roomy ? 5 : 3,
      right: true,
      cell: ({ attempts }) => (attempts === 0 ? '–' : String(attempts)),
      style: (request, cell) => (request.attempts > 1 ? strong(cell) : dim(cell)),
    },
  ];
}

/** What the last attempt that failed was answered, in what is left of a line. */
function reason(width: number, { dim }: Palette): Column {
  return {
    title: 'reason',
    width,
    cell: ({ errorMessage }) => (errorMessage === undefined ? '' : safeText(errorMessage)),
    style: (_, cell) => dim(cell),
  };
}

function paintEnding({ severity, outcome }: BoardRequest, { good, warning, bad, dim }: Palette) {
  if (severity === 'error') return bad;
  if (severity === 'warning') return warning;
  return outcome === 'success' ? good : dim;
}

function ending({ status, outcome }: BoardRequest): string {
  return `${padEnd(status === undefined ? '–' : String(status), 3)} ${outcome}`;
}

function models({ requestedModel, servedModel }: BoardRequest): string {
  const requested = requestedModel === undefined ? '–' : safeText(requestedModel);
  if (servedModel === undefined || servedModel === requestedModel) return requested;
  return `${requested} → ${safeText(servedModel)}`;
}

function tokens({ inputTokens, outputTokens }: BoardRequest): string {
  if (inputTokens === undefined && outputTokens === undefined) return '–';
  return `${showShortCount(inputTokens ?? 0)}→${showShortCount(outputTokens ?? 0)}`;
}
