import { styleText } from 'node:util';

/** The few styles of the demo. Colour only says how something ended; everything else is bright, plain or dim. */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly accent: (text: string) => string;
}

const plain = (text: string) => text;

/** Without colour nothing is styled at all, as `NO_COLOR` asks. */
export function createPalette(color: boolean): Palette {
  if (!color) return { strong: plain, dim: plain, good: plain, warning: plain, bad: plain, accent: plain };
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    text === '' ? '' : styleText(format, text, { validateStream: false });
  return {
    strong: style('bold'),
    dim: style('dim'),
    good: style('green'),
    warning: style('yellow'),
    bad: style('red'),
    accent: style('cyan'),
  };
}
