import type { BoardRequest, BoardTotals } from '../board.ts';
import { showCount, showDuration, showElapsed, showRate } from './numbers.ts';
import type { Palette } from './palette.ts';
import { requestTable } from './table.ts';
import { fit, safeText, spread, textWidth } from './text.ts';
import { spanTree } from './tree.ts';

/** What the demo is doing. */
export type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'replay'; readonly done: number; readonly of: number }
  | { readonly name: 'live' }
  | { readonly name: 'stopping' };

/** Everything that one picture shows. */
export interface Scene {
  readonly phase: Phase;
  readonly requests: readonly BoardRequest[];
  readonly failure: BoardRequest | undefined;
  readonly totals: BoardTotals;
  /** Deliveries that the server did not take. */
  readonly refused: number;
  readonly elapsedMs: number;
  /** The newest thing that the server's log said was wrong: a constant sentence. */
  readonly notice?: string;
  /** Base URL of the ingest listener, once it listens. */
  readonly ingestUrl?: string;
}

export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly palette: Palette;
  readonly keyName: (id: string) => string;
}

/** Narrower terminals get lines that they wrap; below this nothing can be read anyway. */
const MIN_WIDTH = 80;
/** Lines beyond this width are hard to follow with the eye. */
const MAX_WIDTH = 160;
/** Spans of the tree in a low and in a high terminal. */
const TREE_SPANS = 6;
const MIN_ROWS = 4;

/** One picture, never taller than the terminal: title, table, newest failure, one line of numbers. */
export function screen(scene: Scene, { columns, rows, palette, keyName }: ScreenOptions): string {
  const width = Math.min(Math.max(columns, MIN_WIDTH), MAX_WIDTH);
  const top = [titleLine(scene, width, palette), ''];
  const notice = scene.notice === undefined ? [] : [` ${palette.warning(fit(safeText(scene.notice), width - 2))}`];
  const bottom = ['', statusLine(scene, width, palette), ...notice];
  const tree =
    scene.failure === undefined
      ? []
      : ['', ...spanTree(scene.failure, { width, palette, keyName, maxSpans: TREE_SPANS })];
  // One line for the titles, and one that the cursor stands on.
  const room = rows - top.length - bottom.length - tree.length - 2;
  const shown = scene.requests.slice(0, Math.max(MIN_ROWS, room));
  const table =
    shown.length === 0 ? [palette.dim(waiting(scene.phase))] : requestTable(shown, { width, palette, keyName });
  return [...top, ...table, ...tree, ...bottom].join('\n');
}

function waiting(phase: Phase): string {
  return phase.name === 'starting'
    ? ' starting the server on a temporary directory …'
    : ' waiting for the first spans …';
}

function titleLine({ phase, elapsedMs, ingestUrl }: Scene, width: number, { strong, dim, accent }: Palette): string {
  const name = ' AISIX gateway → OpenTelemetry';
  const place = ingestUrl === undefined ? '' : `   ${ingestUrl}`;
  const words = { starting: 'starting', replay: 'replaying', live: 'live', stopping: 'stopping' } as const;
  const right = `${words[phase.name]} · ${showElapsed(elapsedMs)} · Ctrl-C ends `;
  const left = strong(name) + dim(fit(place, Math.max(0, width - textWidth(name) - textWidth(right) - 2)));
  return spread(left, phase.name === 'live' ? accent(right) : dim(right), width);
}

/** Progress while the story is replayed; rates, freshness and totals afterwards. */
export function statusLine({ phase, totals, refused }: Scene, width: number, palette: Palette): string {
  const { dim, strong, bad, accent } = palette;
  const delivered = `${strong(showCount(totals.requests))} requests, ${strong(showCount(totals.spans))} spans delivered`;
  const trouble = refused === 0 ? '' : `  ${bad(`${showCount(refused)} refused`)}`;
  if (phase.name === 'replay') {
    const count = `${showCount(phase.done)} of ${showCount(phase.of)} deliveries`;
    const head = ' a recorded evening  ';
    const tail = `  ${count}  ·  ${delivered}${trouble}`;
    const room = Math.max(8, Math.min(36, width - textWidth(head) - textWidth(tail) - 1));
    return `${dim(head)}${progressBar(phase.done, phase.of, room, accent, dim)}${tail}`;
  }
  const { freshness } = totals;
  const parts = [
    `${strong(showRate(totals.requestsPerSecond))} requests/s`,
    `${strong(showRate(totals.spansPerSecond))} spans/s`,
    freshness === undefined
      ? dim('freshness –')
      : `freshness ${strong(showDuration(freshness.median))}${dim(` (p95 ${showDuration(freshness.p95)})`)}`,
    delivered,
    ...(totals.corrected > 0 ? [dim(`${showCount(totals.corrected)} corrected`)] : []),
  ];
  // What does not fit is left out from the end: the rates come first.
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? ` ${part}` : `${line}${dim('  ·  ')}${part}`;
    if (textWidth(longer) + textWidth(trouble) > width) break;
    line = longer;
  }
  return `${line}${trouble}`;
}

function progressBar(
  done: number,
  of: number,
  width: number,
  paint: (text: string) => string,
  rest: (text: string) => string,
): string {
  const filled = of === 0 ? width : Math.min(width, Math.round((done / of) * width));
  return paint('━'.repeat(filled)) + rest('─'.repeat(width - filled));
}
