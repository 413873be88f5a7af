import type { DestinationHealth, ResendProgress } from './health.ts';
import type { DestinationOptions } from './options.ts';

/** One place that rows are delivered to; works from `createDestination` on until it is closed. */
export interface Destination {
  readonly name: string;
  /** Say that the stream grew. */
  wake(): void;
  health(): DestinationHealth;
  /**
   * Sends the rows of a time range again (of those, what the destination has been offered already), beside the new
   * ones. Survives a restart. Gaps that it covered wholly are removed. Ranges wait for each other.
   *
   * @throws DestinationClosedError when the destination closes first; the next start goes on where it stopped.
   */
  resend(
    range: { readonly from: number; readonly to: number },
    onProgress?: (progress: ResendProgress) => void,
  ): Promise<{ readonly rows: number; readonly items: number }>;
  /** Takes no more rows, waits for the requests under way at most so long, saves the cursor. */
  close(deadlineMillis: number): Promise<void>;
}

export function createDestination<Item>(_options: DestinationOptions<Item>): Destination {
  throw new Error('not there yet');
}
