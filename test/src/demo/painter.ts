import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import { createPalette, type Palette } from './view/palette.ts';
import { plainChange, plainFailure, plainLine } from './view/plain.ts';
import { type Scene, screen } from './view/screen.ts';

/** Shows scenes until it is closed. */
export interface Painter {
  readonly palette: Palette;
  /** Shows what is there now, whatever the rhythm. */
  paint(): void;
  /** Puts lines above the picture, where they stay. */
  say(text: string): void;
  /** Shows the last scene for good, and gives the cursor back. */
  close(): void;
}

/** Five pictures a second: calm to look at, quick enough for 5 requests/s. */
const FRAME_MS = 200;
/** Where there is no terminal, a line every few seconds. */
const LINE_MS = 3_000;

export function createPainter(
  out: WriteStream | NodeJS.WriteStream,
  scene: () => Scene,
  keyName: (id: string) => string,
): Painter {
  return out.isTTY && process.env.TERM !== 'dumb' ? onTerminal(out, scene, keyName) : onPipe(out, scene, keyName);
}

function onTerminal(out: NodeJS.WriteStream, scene: () => Scene, keyName: (id: string) => string): Painter {
  // Follows NO_COLOR and FORCE_COLOR.
  const palette = createPalette(out.hasColors());
  const log = createLogUpdate(out);
  const paint = () => {
    const { columns = 80, rows = 24 } = out;
    log(screen(scene(), { columns, rows, palette, keyName }));
  };
  paint();
  const timer = setInterval(paint, FRAME_MS);
  out.on('resize', paint);
  return {
    palette,
    paint,
    say(text) {
      log.clear();
      out.write(`${text}\n`);
      paint();
    },
    close: once(() => {
      clearInterval(timer);
      out.off('resize', paint);
      paint();
      log.done();
    }),
  };
}

function onPipe(out: NodeJS.WritableStream, scene: () => Scene, keyName: (id: string) => string): Painter {
  let told: string | undefined;
  const toldChanges = new Set<string>();
  const paint = () => {
    const now = scene();
    out.write(`${plainLine(now, Date.now())}\n`);
    for (const change of now.changes?.toReversed() ?? []) {
      const line = plainChange(change);
      if (toldChanges.has(line)) continue;
      toldChanges.add(line);
      out.write(`${line}\n`);
    }
    if (now.failure !== undefined && now.failure.requestId !== told) {
      told = now.failure.requestId;
      out.write(`${plainFailure(now.failure, keyName)}\n`);
    }
  };
  paint();
  const timer = setInterval(paint, LINE_MS);
  return {
    palette: createPalette(false),
    paint,
    say: (text) => void out.write(`${text}\n`),
    // The summary says the last numbers.
    close: () => clearInterval(timer),
  };
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
