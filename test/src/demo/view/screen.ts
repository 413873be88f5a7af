import type { BoardRequest, BoardTotals } from '../board.ts';
import type { ReceivedChange } from '../receivedChange.ts';
import { changeText } from './changeText.ts';
import { showClock, showCount, showDuration, showElapsed, showRate } from './numbers.ts';
import type { Palette } from './palette.ts';
import { requestTable } from './table.ts';
import { fit, joinFitting, safeText, spread, textWidth } from './text.ts';
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
  /** Changes of the configuration, newest first; shown between the requests. */
  readonly changes?: readonly ReceivedChange[];
  readonly failure: BoardRequest | undefined;
  readonly totals: BoardTotals;
  /** Deliveries that the server did not take. */
  readonly refused: number;
  readonly elapsedMs: number;
  /** The newest thing that the server's log said was wrong: a constant sentence. */
  readonly notice?: string;
  /** Base URL of the ingest listener, once it listens. */
  readonly ingestUrl?: string;
  /** Where the preview of the data source is, if there is one. */
  readonly previewUrl?: string;
}

export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly palette: Palette;
  readonly keyName: (id: string) => string;
}

/** Narrower terminals get lines that they wrap; below this nothing can be read anyway. */
const MIN_WIDTH = 60;
/** Lines beyond this width are hard to follow with the eye. */
const MAX_WIDTH = 160;
/** Spans of the tree in a low and in a high terminal. */
const TREE_SPANS = 6;
const MIN_ROWS = 4;
const MIN_BAR = 12;
const MAX_BAR = 40;

/** One picture, never taller than the terminal: title, table, newest change and failure, one line of numbers. */
export function screen(scene: Scene, { columns, rows, palette, keyName }: ScreenOptions): string {
  const width = Math.min(Math.max(columns, MIN_WIDTH), MAX_WIDTH);
  const top = [titleLine(scene, width, palette), ''];
  const notice = scene.notice === undefined ? [] : [` ${palette.warning(fit(safeText(scene.notice), width - 2))}`];
  const status = scene.phase.name === 'starting' ? [] : ['', statusLine(scene, width, palette)];
  const bottom = [...status, ...notice];
  const tree =
    scene.failure === undefined
      ? []
      : ['', ...spanTree(scene.failure, { width, palette, keyName, maxSpans: TREE_SPANS })];
  const newest = newestChange(scene, width, palette);
  // One line for the titles, and one that the cursor stands on.
  const room = rows - top.length - bottom.length - newest.length - tree.length - 2;
  const shown = [...scene.requests, ...(scene.changes ?? [])]
    .sort((a, b) => b.end - a.end)
    .slice(0, Math.max(MIN_ROWS, room));
  const table =
    shown.length === 0 ? [palette.dim(waiting(scene.phase))] : requestTable(shown, { width, palette, keyName });
  return [...top, ...table, ...newest, ...tree, ...bottom].join('\n');
}

/** Among many requests a change is soon out of sight, and still the likeliest cause of what follows. */
function newestChange({ changes = [] }: Scene, width: number, { strong, accent, dim }: Palette): string[] {
  const [change] = changes;
  if (change === undefined) return [];
  const parts = [`${strong(' newest change   ')}${accent(changeText(change))}`, dim(showClock(change.end))];
  return ['', joinFitting(parts, dim('  ·  '), width - 1)];
}

function waiting(phase: Phase): string {
  return phase.name === 'starting'
    ? ' starting the server on a temporary directory …'
    : ' waiting for the first spans …';
}

function titleLine(
  { phase, elapsedMs, ingestUrl, previewUrl }: Scene,
  width: number,
  { strong, dim, accent }: Palette,
): string {
  const name = ' AISIX gateway → OpenTelemetry';
  const ingest = ingestUrl === undefined ? '' : `   ${ingestUrl}`;
  const place = previewUrl === undefined ? ingest : `   preview ${previewUrl}`;
  const words = { starting: 'starting', replay: 'replaying', live: 'live', stopping: 'stopping' } as const;
  const right = `${words[phase.name]} · ${showElapsed(elapsedMs)} · Ctrl-C ends `;
  const left = joinFitting([strong(name), dim(place)], '', width - textWidth(right) - 2);
  return spread(left, phase.name === 'live' ? accent(right) : dim(right), width);
}

/** Progress while the story is replayed; rates, freshness and totals afterwards. */
export function statusLine(scene: Scene, width: number, palette: Palette): string {
  const { bad } = palette;
  const trouble = scene.refused === 0 ? '' : `  ${bad(`${showCount(scene.refused)} refused`)}`;
  const room = width - textWidth(trouble) - 1;
  const line =
    scene.phase.name === 'replay' ? replayLine(scene, scene.phase, room, palette) : rateLine(scene, room, palette);
  return ` ${line}${trouble}`;
}

function replayLine(
  { totals }: Scene,
  { done, of }: Extract<Phase, { name: 'replay' }>,
  width: number,
  { dim, strong, accent }: Palette,
): string {
  const head = 'a recorded evening  ';
  const tail = joinFitting(
    [
      `  ${showCount(done)} of ${showCount(of)} deliveries`,
      `${strong(showCount(totals.requests))} requests`,
      `${strong(showCount(totals.spans))} spans delivered`,
    ],
    dim('  ·  '),
    width - textWidth(head) - MIN_BAR,
  );
  const bar = Math.min(MAX_BAR, width - textWidth(head) - textWidth(tail));
  return `${dim(head)}${progressBar(done, of, bar, accent, dim)}${tail}`;
}

/** Tells as much as the line can hold: details give way before the numbers do. */
function rateLine({ totals }: Scene, width: number, { dim, strong }: Palette): string {
  const { freshness } = totals;
  const rates = [
    `${strong(showRate(totals.requestsPerSecond))} requests/s`,
    `${strong(showRate(totals.spansPerSecond))} spans/s`,
  ];
  const fresh = freshness === undefined ? dim('freshness –') : `freshness ${strong(showDuration(freshness.median))}`;
  const p95 = freshness === undefined ? '' : dim(` (p95 ${showDuration(freshness.p95)})`);
  const requests = strong(showCount(totals.requests));
  const whole = `${requests} requests, ${strong(showCount(totals.spans))} spans delivered`;
  const corrected = totals.corrected > 0 ? [dim(`${showCount(totals.corrected)} corrected`)] : [];
  const variants: [parts: string[], separator: string][] = [
    [[...rates, fresh + p95, whole, ...corrected], '  ·  '],
    [[...rates, fresh + p95, whole], '  ·  '],
    [[...rates, fresh + p95, `${requests} delivered`], ' · '],
    [[...rates, fresh, `${requests} delivered`], ' · '],
  ];
  const lines = variants.map(([parts, separator]) => parts.join(dim(separator)));
  return lines.find((line) => textWidth(line) <= width) ?? joinFitting([fresh, ...rates], dim(' · '), width);
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
