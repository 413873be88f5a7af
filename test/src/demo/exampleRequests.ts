import type { RequestTruth } from '../gateway/compose.ts';
import { EVEN_MIX, SCENARIOS, type ScenarioName } from '../gateway/scenarios.ts';
import { createGatewaySimulator } from '../gateway/simulator.ts';
import { type Board, createBoard } from './board.ts';
import { exampleSpans } from './exampleSpans.ts';

export const EXAMPLE_START = Date.parse('2027-01-02T03:04:05.000Z');

/** Truths of simulated requests; of one scenario when it is named. */
export function exampleTruths(count: number, scenario?: ScenarioName): RequestTruth[] {
  const mix = scenario === undefined ? EVEN_MIX : { [scenario]: 1 };
  if (scenario !== undefined && SCENARIOS[scenario] === undefined) throw new RangeError('There is no such scenario.');
  const simulator = createGatewaySimulator({ seed: 3, ratePerSecond: 5, now: () => EXAMPLE_START, mix });
  return Array.from({ length: count }, () => simulator.next().truth);
}

/** A board on which they arrived, each 900 ms after its end. */
export function exampleBoard(truths: readonly RequestTruth[]): Board {
  const board = createBoard();
  board.liveSince(0);
  for (const truth of truths) board.add(exampleSpans(truth), truth.end + 900);
  return board;
}
