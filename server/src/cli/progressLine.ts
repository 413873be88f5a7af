import type { BackfillProgress } from '@aisix-observability/collector-exporter';
import { createLogUpdate } from 'log-update';
import { formatDuration, formatSize } from '../config/units.ts';

const BAR_WIDTH = 28;

/** One line: bar, share, files, bytes, rate, time left. */
export function progressLine(progress: BackfillProgress): string {
  const { files, filesTotal, bytes, bytesTotal, events, refused, ratePerSecond, secondsLeft } = progress;
  const share = bytesTotal === 0 ? 1 : bytes / bytesTotal;
  const filled = Math.round(share * BAR_WIDTH);
  return [
    `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`,
    `${files}/${filesTotal} files`,
    `${formatSize(bytes)} of ${formatSize(bytesTotal)}`,
    `${events} events${refused > 0 ? ` (${refused} refused)` : ''}`,
    `${ratePerSecond}/s`,
    ...(secondsLeft === undefined ? [] : [`${formatDuration(secondsLeft * 1000)} left`]),
  ].join('  ');
}

/** Where progress goes: one line that is redrawn on a terminal, now and then a line elsewhere. */
export interface ProgressView {
  show(line: string): void;
  /** Leaves the last line standing. */
  done(): void;
}

/** A log file or a pipe gets a line this often. */
const QUIET_MILLIS = 5000;

export function createProgressView(options: {
  readonly interactive: boolean;
  readonly out: (text: string) => void;
  readonly now: () => number;
}): ProgressView {
  if (options.interactive) {
    const update = createLogUpdate(process.stdout, { showCursor: true });
    return { show: (line) => update(line), done: () => update.done() };
  }
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(line) {
      if (options.now() - shownAt < QUIET_MILLIS) return;
      shownAt = options.now();
      options.out(`${line}\n`);
    },
    done() {},
  };
}
