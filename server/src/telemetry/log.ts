import { styleText } from 'node:util';
import type { Log, LogLevel } from '@aisix-observability/pipeline';

/** Longest text of one field: enough for an error message, too little for a body. */
const MAX_TEXT = 512;
/** Longest list or section of one field. */
const MAX_ITEMS = 20;
/** Deepest nesting of one field. */
const MAX_DEPTH = 3;
/** Most fields of one line. */
const MAX_FIELDS = 30;
/** A line that is still longer is cut to its head. */
const MAX_LINE = 8192;

/** Names of fields whose values are never written, whoever passes them. */
const SECRET_FIELD = /secret|token|password|authorization|api_?key|cookie|private/i;

/** Names that the line itself uses. */
const OWN_FIELDS = new Set(['time', 'level', 'message']);

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface LogOptions {
  /** Takes one line with its line break. */
  readonly write: (line: string) => void;
  /** `json` for machines, `text` for a terminal. */
  readonly format: 'json' | 'text';
  /** Lines below it are not written. */
  readonly level?: LogLevel;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/**
 * A `Log` that writes one line per call, whatever the fields hold: control characters, line breaks, terminal escapes
 * and characters that reorder or hide text are written as `\uXXXX`, long values are cut, secrets by name left out.
 */
export function createLog({ write, format, level = 'info', now = Date.now }: LogOptions): Log {
  const lowest = ORDER.indexOf(level);
  return (lineLevel, message, fields = {}) => {
    if (ORDER.indexOf(lineLevel) < lowest) return;
    const bounded = boundFields(fields);
    const time = new Date(now()).toISOString();
    const line =
      format === 'json' ? jsonLine(time, lineLevel, message, bounded) : textLine(time, lineLevel, message, bounded);
    write(`${line.length > MAX_LINE ? cutLine(line, format, time, lineLevel, message) : line}\n`);
  };
}

/** JSON lines to a pipe or file, readable lines to a terminal. */
export function createStderrLog(level: LogLevel = 'info'): Log {
  return createLog({
    write: (line) => process.stderr.write(line),
    format: process.stderr.isTTY ? 'text' : 'json',
    level,
  });
}

/** Characters that end a line, drive a terminal, or make text look like something else. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text with every unsafe character as `\uXXXX`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index += 1) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}

const cutText = (text: string) => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

function boundFields(fields: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(fields)
    .slice(0, MAX_FIELDS)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [
      OWN_FIELDS.has(name) ? `field_${name}` : cutText(name),
      SECRET_FIELD.test(name) ? '[hidden]' : bound(value, 0),
    ]);
}

function bound(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cutText(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : boundObject(value, depth);
    default:
      return `[${typeof value}]`;
  }
}

function boundObject(value: object, depth: number): unknown {
  if (value instanceof Error) return boundError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[list]' : '[section]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => bound(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([key, item]) => [cutText(key), SECRET_FIELD.test(key) ? '[hidden]' : bound(item, depth + 1)]),
  );
}

/** Name, code and message; stacks name files of this machine and are long, so only causes follow. */
function boundError(error: Error, depth: number): unknown {
  const code = 'code' in error && typeof error.code === 'string' ? { code: cutText(error.code) } : {};
  const cause = error.cause !== undefined && depth < MAX_DEPTH ? { cause: bound(error.cause, depth + 1) } : {};
  return { name: cutText(error.name), ...code, message: cutText(error.message), ...cause };
}

function jsonLine(time: string, level: LogLevel, message: string, fields: readonly [string, unknown][]): string {
  // JSON.stringify leaves DEL, C1 and Unicode's separators as they are; in JSON they only stand inside texts.
  return escapeText(JSON.stringify({ time, level, message, ...Object.fromEntries(fields) }));
}

const COLOURS = { debug: 'gray', info: 'cyan', warn: 'yellow', error: 'red' } as const;

function textLine(time: string, level: LogLevel, message: string, fields: readonly [string, unknown][]): string {
  const shown = fields.map(([name, value]) => {
    const text = typeof value === 'string' && /^[\w.:/@%+-]+$/.test(value) ? value : JSON.stringify(value);
    return `${escapeText(name)}=${escapeText(text)}`;
  });
  const label = styleText(COLOURS[level], level.toUpperCase().padEnd(5));
  return [`${time.slice(11, 23)} ${label} ${escapeText(message)}`, ...shown].join('  ');
}

function cutLine(line: string, format: LogOptions['format'], time: string, level: LogLevel, message: string): string {
  if (format === 'text') return `${line.slice(0, MAX_LINE)}…`;
  return jsonLine(time, level, message, [['cut', `the fields were ${line.length} characters long`]]);
}
