import { decodeUsageEvents } from '@aisix-observability/collector-exporter';
import { createWindow, fromRequest, type RequestWindow } from '@aisix-observability/evidence';
import { silentRecorder } from '@aisix-observability/pipeline';
import { describe, expect, it } from 'vitest';
import { MemoryAssembly } from '../assemble/memoryAssembly.ts';
import type { UsageEvent } from '../recordings/index.ts';
import { type Cell, SITUATIONS } from './parameters.ts';
import { requestWindowOf } from './render/requestWindow.ts';
import { wireEvents } from './render/wireEvents.ts';
import { type SimulatedWindow, simulateWindow } from './simulateWindow.ts';

/** The window's events through the product's decoder and assembler, in the order in which they arrive. */
function assembled(window: SimulatedWindow): RequestWindow {
  const batches = new Map<string, { at: number; dataPlane: string; events: UsageEvent[] }>();
  const ids = new Map<string, number>();
  for (const [index, call] of window.calls.entries()) {
    const arrived = window.delivered.partly.get(index);
    const dataPlane = window.world.dataPlanes[call.dataPlane] ?? '';
    const at = Math.ceil((window.base + (window.delivered.arrivedAt[index] ?? 0)) / 1000) * 1000;
    const key = `${at}/${dataPlane}`;
    const batch = batches.get(key) ?? { at, dataPlane, events: [] };
    batches.set(key, batch);
    for (const { number, event } of wireEvents(window, index, call)) {
      ids.set(event.request_id, index);
      if (arrived === undefined || arrived.includes(number)) batch.events.push(event);
    }
  }
  const assembly = new MemoryAssembly();
  for (const { at, dataPlane, events } of [...batches.values()].sort((a, b) => a.at - b.at)) {
    const decoded = decodeUsageEvents(events, { input: 'telemetry', recorder: silentRecorder, now: at });
    expect(decoded.refused).toEqual([]);
    assembly.add({
      input: 'telemetry',
      environment: window.world.environment,
      ...(window.namesDataPlane && { dataPlane }),
      receivedAt: at,
      reports: decoded.reports,
    });
  }
  const builder = createWindow({ environment: window.world.environment, from: window.base, to: window.end });
  const requests = assembly.finish().toSorted((a, b) => (ids.get(a.requestId) ?? 0) - (ids.get(b.requestId) ?? 0));
  for (const request of requests) builder.add(fromRequest(request));
  return builder.build();
}

/** Rows instead of numbers of shapes and results, which depend on who came first. */
function rowsOf(window: RequestWindow) {
  return Array.from({ length: window.length }, (_, row) => ({
    startTime: window.startTime[row],
    durationMs: window.durationMs[row],
    shape: window.shapes[window.shape[row] ?? -1],
    result: window.results[window.result[row] ?? -1],
    message: window.messages[window.message[row] ?? -1],
  }));
}

describe('the columns that the judge makes are those of the product', () => {
  // Of the lossy ones, windows in which the event that ended a request is lost, a streamed one among them.
  const cases = [
    ['lossy', 9],
    ['lossy', 23],
    ['outage', 1],
    ['fleet', 1],
    ['fleet', 2],
    ['hidden', 1],
    ['two_faults', 1],
  ] as const;
  it.each(cases)('%s %i', (situation, seed) => {
    const window = simulateWindow({ rate: 0.3, situation }, seed);
    const endings = [...window.delivered.partly].filter(
      ([call, events]) => events.length > 0 && !events.includes((window.calls[call]?.tries.length ?? 0) - 1),
    );
    expect(endings.length > 0).toBe(situation === 'lossy');
    const rows = rowsOf(requestWindowOf(window));
    expect(rows.length).toBeGreaterThan(500);
    expect(rows).toEqual(rowsOf(assembled(window)));
  });
});

describe('a window', () => {
  it('is the same for the same seed, and another for another', () => {
    const cell: Cell = { rate: 0.3, situation: 'fault' };
    expect(simulateWindow(cell, 5)).toEqual(simulateWindow(cell, 5));
    expect(simulateWindow(cell, 6).calls).not.toEqual(simulateWindow(cell, 5).calls);
  });

  it.each(SITUATIONS)('%s: has the truth that its name says', (situation) => {
    for (let seed = 0; seed < 4; seed++) {
      const { truth, world, changes, calls } = simulateWindow({ rate: 0.3, situation }, seed);
      expect(world.models.length).toBeGreaterThanOrEqual(12);
      expect(changes.length).toBeGreaterThan(0);
      const causes = new Set(calls.map(({ cause }) => cause).filter((cause) => cause >= 0));
      if (situation === 'quiet') expect([truth.faults, truth.troubles, causes.size]).toEqual([[], [], 0]);
      else expect(truth.faults.length + truth.troubles.length).toBeGreaterThan(0);
      for (const { changeId, harmed, reached } of truth.faults) {
        expect(truth.roles.get(changeId)?.role).toBe('fault');
        expect(harmed).toBeLessThanOrEqual(reached);
      }
      for (const change of changes) expect(JSON.stringify(change)).not.toMatch(/sk-[a-z0-9]{20}/);
    }
  });
});
