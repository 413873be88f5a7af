import type { BoardRequest } from '../board.ts';
import type { ReceivedSpan } from '../receivedSpan.ts';
import { showClock, showDuration } from './numbers.ts';
import type { Palette } from './palette.ts';
import { fit, joinFitting, padEnd, padStart, safeText, textWidth } from './text.ts';

export interface TreeOptions {
  readonly width: number;
  readonly palette: Palette;
  readonly keyName: (id: string) => string;
  /** Lines for spans at most; what is left out is counted. */
  readonly maxSpans: number;
}

/** Enough to see what came first, in a narrow terminal. */
const MIN_BAR = 6;

/** One failed request: a title, its spans as a tree with bars on a common time axis, and what the provider said. */
export function spanTree(request: BoardRequest, options: TreeOptions): string[] {
  const { width, palette } = options;
  const rows = treeRows(request.spans).slice(0, options.maxSpans);
  const labels = rows.map(({ branch, span }) => `${branch}${safeText(label(span))}`);
  const notes = rows.map(({ span }) => safeText(note(span)));
  const labelWidth = Math.min(Math.max(...labels.map(textWidth)), Math.floor(width * 0.4));
  const noteWidth = Math.min(Math.max(...notes.map(textWidth)), Math.floor(width * 0.24));
  const tookWidth = 7;
  const barWidth = Math.max(MIN_BAR, width - 3 - labelWidth - noteWidth - tookWidth - 5);

  const lines = rows.map(({ span }, i) => {
    const failed = isFailed(span);
    const paint = failed ? palette.bad : i === 0 || !isAttempt(span) ? palette.dim : palette.good;
    const own = fit(labels[i] ?? '', labelWidth);
    const branch = own.slice(0, rows[i]?.branch.length ?? 0);
    const text = palette.dim(branch) + padEnd(own.slice(branch.length), labelWidth - textWidth(branch));
    const took = padStart(showDuration(span.end - span.start), tookWidth);
    const remark = fit(notes[i] ?? '', noteWidth);
    const line = `   ${text}  ${paint(bar(span, request, barWidth))} ${took}  ${failed ? palette.bad(remark) : palette.dim(remark)}`;
    return line.trimEnd();
  });
  const hidden = request.spans.length - rows.length;
  if (hidden > 0) lines.push(palette.dim(`   … and ${hidden} more spans`));
  const said =
    request.errorMessage === undefined
      ? []
      : [`   ${palette.dim(fit(`“${safeText(request.errorMessage)}”`, width - 4))}`];
  return [title(request, options), ...lines, ...said];
}

function title(request: BoardRequest, { width, palette, keyName }: TreeOptions): string {
  const { outcome, status, requestedModel, apiKeyId, end, requestId, severity } = request;
  const paint = severity === 'error' ? palette.bad : palette.warning;
  const head = ' newest failure  ';
  const what = `${outcome}${status === undefined ? '' : ` ${status}`}`;
  const rest = [requestedModel, apiKeyId && keyName(apiKeyId), showClock(end), requestId]
    .filter((part): part is string => part !== undefined && part !== '')
    .map((part) => palette.dim(safeText(part)));
  return joinFitting([`${palette.strong(head)}${paint(what)}`, ...rest], palette.dim('  ·  '), width - 1);
}

interface Row {
  /** Lines that lead to the span: `├ `, `│ └ `. */
  readonly branch: string;
  readonly span: ReceivedSpan;
}

function treeRows(spans: readonly ReceivedSpan[]): Row[] {
  const [root] = spans;
  if (root === undefined) return [];
  const below = (parent: ReceivedSpan, indent: string): Row[] => {
    const children = spans.filter((span) => span.parentSpanId === parent.spanId && span !== root);
    return children.flatMap((span, i) => {
      const last = i === children.length - 1;
      return [{ branch: `${indent}${last ? '└' : '├'} `, span }, ...below(span, `${indent}${last ? '  ' : '│ '}`)];
    });
  };
  return [{ branch: '', span: root }, ...below(root, '')];
}

const isAttempt = (span: ReceivedSpan) => span.attributes['aisix.attempt_index'] !== undefined;

function isFailed({ attributes }: ReceivedSpan): boolean {
  return attributes['error.type'] !== undefined;
}

function label(span: ReceivedSpan): string {
  if (span.kind === 2) return 'request';
  const { attributes } = span;
  if (!isAttempt(span)) return span.name;
  const model = attributes['aisix.attempt_model'] ?? attributes['gen_ai.request.model'];
  return [`#${attributes['aisix.attempt_index']}`, attributes['aisix.attempt_kind'], model].filter(Boolean).join(' ');
}

function note({ attributes, kind }: ReceivedSpan): string {
  const status = attributes['http.response.status_code'];
  const error = attributes['error.type'];
  if (kind === 2 || error === undefined) return status === undefined ? '' : String(status);
  return String(error) === String(status)
    ? String(status)
    : [status, error].filter((part) => part !== undefined).join(' ');
}

/** A span on the time axis of its request, with half columns at both ends. */
function bar(span: ReceivedSpan, request: BoardRequest, width: number): string {
  const total = Math.max(request.end - request.start, 0.001);
  const halves = width * 2;
  const at = (time: number) => Math.round(((time - request.start) / total) * halves);
  const from = Math.min(Math.max(at(span.start), 0), halves - 1);
  const to = Math.min(Math.max(at(span.end), from + 1), halves);
  let drawn = '';
  for (let column = 0; column < width; column++) {
    const left = column * 2 >= from && column * 2 < to;
    const right = column * 2 + 1 >= from && column * 2 + 1 < to;
    drawn += left && right ? '━' : left ? '╸' : right ? '╺' : ' ';
  }
  return drawn;
}
