/** Whether rows come oldest first, so that what was read of a poll that broke off need not be read again. */
export interface Order {
  seen(times: readonly number[]): void;
  /** Shown by rows, not assumed: at least one later than another, and none earlier than one before it. */
  isAscending(): boolean;
}

export function createOrder(): Order {
  let last = Number.NEGATIVE_INFINITY;
  let hasRisen = false;
  let hasFallen = false;
  return {
    seen(times) {
      for (const at of times) {
        if (at < last) hasFallen = true;
        else if (at > last && last !== Number.NEGATIVE_INFINITY) hasRisen = true;
        last = at;
      }
    },
    isAscending: () => hasRisen && !hasFallen,
  };
}
