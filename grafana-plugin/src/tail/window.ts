import type { GatewayRequest } from '../api/contract';
import { rowId } from '../frames/logs';

/** Rows of a live list: as many as Explore shows by default, and what somebody can still scroll through. */
export const TAIL_ROWS = 1000;

/**
 * The newest requests of a live tail. A request comes again when more is known of it and then takes its own place, so
 * that the list never has it twice.
 */
export class TailWindow {
  private readonly requests = new Map<string, GatewayRequest>();
  private readonly rows: number;

  constructor(rows: number = TAIL_ROWS) {
    this.rows = rows;
  }

  add(requests: readonly GatewayRequest[]): void {
    for (const request of requests) this.requests.set(rowId(request), request);
    if (this.requests.size <= this.rows) return;
    const oldest = [...this.requests].sort(([, a], [, b]) => a.startTime - b.startTime);
    for (const [id] of oldest.slice(0, oldest.length - this.rows)) this.requests.delete(id);
  }

  /** Oldest first, as a live list grows. */
  list(): readonly GatewayRequest[] {
    return [...this.requests.values()].sort((a, b) => a.startTime - b.startTime);
  }
}
