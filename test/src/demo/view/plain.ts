import type { BoardRequest } from '../board.ts';
import type { ReceivedChange } from '../receivedChange.ts';
import { changeText } from './changeText.ts';
import { showClock, showDuration } from './numbers.ts';
import { createPalette } from './palette.ts';
import { type Scene, statusLine } from './screen.ts';
import { safeText } from './text.ts';

/** Wide enough that nothing is left out of the line; nobody wraps a log. */
const LOG_WIDTH = 400;

/** One line for where there is no terminal: the same numbers, no styles, no cursor. */
export function plainLine(scene: Scene, time: number): string {
  if (scene.phase.name === 'starting') return `${showClock(time)} starting the server on a temporary directory`;
  const numbers = statusLine(scene, LOG_WIDTH, createPalette(false)).trim().replaceAll(/ {2,}/g, ' ');
  const phase = scene.phase.name === 'replay' ? 'replay' : scene.phase.name;
  return `${showClock(time)} ${phase}: ${numbers.replace(/[━─]+ ?/g, '')}`;
}

/** The newest failure in one line. */
export function plainFailure(request: BoardRequest, keyName: (id: string) => string): string {
  const { outcome, status, requestedModel, apiKeyId, attempts, start, end, requestId } = request;
  return [
    `${showClock(end)} failed: ${outcome} ${status ?? '–'}`,
    requestedModel && `model ${requestedModel}`,
    apiKeyId && `key ${keyName(apiKeyId)}`,
    `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} in ${showDuration(end - start)}`,
    requestId,
  ]
    .filter((part): part is string => part !== undefined && part !== '')
    .map(safeText)
    .join(', ');
}

export function plainChange(change: ReceivedChange): string {
  return `${showClock(change.end)} ${changeText(change)}`;
}
