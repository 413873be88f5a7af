import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type LogLevel, silentRecorder, systemClock } from '@aisix-observability/pipeline';
import { onTestFinished } from 'vitest';
import type { Observation } from '../../../model/observation.ts';
import { redactor } from './watchedStory.ts';

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Replaces a file as a data plane does: another file, then renamed. */
export function replaceFile(path: string, bytes: Uint8Array | string, at?: number): void {
  writeFileSync(`${path}.tmp`, bytes);
  if (at !== undefined) utimesSync(`${path}.tmp`, at / 1000, at / 1000);
  renameSync(`${path}.tmp`, path);
}

/** Everything that stands in any file of a folder. */
export function allText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

/** What watchers are given, with a time that the test sets and everything they tell kept. */
export function watchRig(start = Date.UTC(2026, 10, 23, 12)) {
  const folder = temporaryFolder();
  const observations: Observation[] = [];
  const lines: { readonly level: LogLevel; readonly message: string; readonly fields: unknown }[] = [];
  const known = new Set<string>();
  let at: number | undefined = start;
  const clock: Clock = { ...systemClock, now: () => at ?? Date.now() };
  return {
    folder,
    observations,
    lines,
    set(time: number) {
      at = time;
    },
    pass(millis: number) {
      at = (at ?? Date.now()) + millis;
    },
    useRealTime() {
      at = undefined;
    },
    now: () => clock.now(),
    deps: {
      clock,
      redactor,
      recorder: silentRecorder,
      log: (level: LogLevel, message: string, fields?: unknown) => void lines.push({ level, message, fields }),
      /** As the ledger: what has a known id changes nothing. */
      observe: async (told: readonly Observation[]) => {
        let stored = 0;
        for (const one of told) {
          if (known.has(one.observationId)) continue;
          known.add(one.observationId);
          observations.push(one);
          stored += 1;
        }
        return { stored, repeated: told.length - stored, conflicts: [] };
      },
    },
  };
}
