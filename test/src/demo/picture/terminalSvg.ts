import { stripVTControlCharacters } from 'node:util';

/** A piece of one line in one style, at a column. */
interface Run {
  readonly column: number;
  readonly text: string;
  readonly style: string;
}

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 19;
const PADDING = 18;
/** Room for the title bar of a window. */
const BAR = 34;

/** The styles of the demo's palette (SGR codes), as they look on a dark terminal. */
const COLORS: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#56d364', 33: '#e3b341', 36: '#56d4dd' };
const PLAIN = '#c9d1d9';
const DIM = '#7d8590';
const STRONG = '#f0f6fc';

/** Lines of the bars: fonts draw them with gaps or not at all, so they become rectangles. Start, end and height in cells. */
const STROKES: Readonly<Record<string, readonly [from: number, to: number, height: number]>> = {
  '━': [0, 1, 0.16],
  '╺': [0.5, 1, 0.16],
  '╸': [0, 0.5, 0.16],
  '─': [0, 1, 0.06],
};

/** A captured terminal screen (text with SGR styles; every character one column wide) as an SVG image. */
export function terminalSvg(screen: string, label: string): string {
  const lines = screen.trimEnd().split('\n');
  const runs = styledRuns(lines);
  const columns = Math.max(...lines.map((line) => [...stripVTControlCharacters(line).trimEnd()].length));
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
  const height = lines.length * CELL_HEIGHT + PADDING + BAR;
  const drawn = runs.flatMap((line, row) => line.flatMap((run) => drawRun(run, BAR + row * CELL_HEIGHT)));
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, i) => `<circle cx="${PADDING + 4 + i * 18}" cy="17" r="5.5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(label)}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="14">`,
    `<rect width="${width}" height="${height}" rx="9" fill="#0d1117"/>`,
    ...dots,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

/** An SGR sequence; splitting by it leaves text and codes in turns. */
const STYLE = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`);

/** A style lasts over the ends of lines until it is changed. */
function styledRuns(lines: readonly string[]): Run[][] {
  let codes: string[] = [];
  return lines.map((line) => {
    let column = 0;
    const runs: Run[] = [];
    for (const [i, part] of line.split(STYLE).entries()) {
      if (i % 2 === 1) codes = part.split(';').reduce(withCode, codes);
      else {
        for (const { 0: text, index } of part.matchAll(/[━╺╸─]+|[^\s━╺╸─]+(?: [^\s━╺╸─]+)*/gu)) {
          runs.push({ column: column + [...part.slice(0, index)].length, text, style: styleOf(codes) });
        }
        column += [...part].length;
      }
    }
    return runs;
  });
}

function withCode(codes: string[], code: string): string[] {
  if (code === '' || code === '0') return [];
  if (code === '22') return codes.filter((known) => known !== '1' && known !== '2');
  if (code === '39' || code in COLORS) return [...codes.filter((known) => !(known in COLORS)), code];
  return [...codes, code];
}

function styleOf(codes: readonly string[]): string {
  const color = codes.map((code) => COLORS[code]).findLast((found) => found !== undefined);
  if (codes.includes('1')) return `fill="${color ?? STRONG}" font-weight="600"`;
  return `fill="${color ?? (codes.includes('2') ? DIM : PLAIN)}"`;
}

function drawRun({ column, text, style }: Run, top: number): string[] {
  const x = (at: number) => (PADDING + at * CELL_WIDTH).toFixed(1);
  const characters = [...text];
  if (STROKES[characters[0] ?? ''] === undefined) {
    const length = (characters.length * CELL_WIDTH).toFixed(1);
    const place = `x="${x(column)}" y="${top + 14}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
    return [`<text ${place} ${style}>${escapeXml(text)}</text>`];
  }
  const strokes = characters.map((character) => STROKES[character] ?? [0, 1, 0.16]);
  const from = column + (strokes[0]?.[0] ?? 0);
  const to = column + characters.length - 1 + (strokes.at(-1)?.[1] ?? 1);
  const thick = (strokes[0]?.[2] ?? 0.16) * CELL_HEIGHT;
  const y = (top + 9.5 - thick / 2).toFixed(1);
  const size = `width="${((to - from) * CELL_WIDTH).toFixed(1)}" height="${thick.toFixed(1)}"`;
  return [`<rect x="${x(from)}" y="${y}" ${size} ${style}/>`];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
