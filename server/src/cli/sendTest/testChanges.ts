import type { OutputTest } from '@aisix-observability/audit-bridge';
import type { OutputTests } from '../../audit/status.ts';
import { TEST_CHANGE } from '../../audit/testChange.ts';
import type { ControlClient } from '../../control/controlClient.ts';

export interface ChangeTests {
  readonly lines: readonly string[];
  readonly passed: boolean;
}

/** Has the server try every output of changes. */
export async function testChanges(client: ControlClient): Promise<ChangeTests> {
  try {
    return shownTests(await client.post<OutputTests>('/test-changes', ''));
  } catch (error) {
    const said = error instanceof Error ? error.message : 'unknown error';
    return { lines: ['changes', `  COULD NOT BE TESTED, ${said}`], passed: false };
  }
}

/** As lines; none where no output is configured. */
function shownTests({ annotations, logEvents }: OutputTests): ChangeTests {
  const all = [...annotations, ...logEvents];
  if (all.length === 0) return { lines: [], passed: true };
  return {
    lines: [
      'changes',
      ...annotations.flatMap((test) =>
        shown(test, 'annotations', 'one of the year 2001 was created, read, moved, read and deleted'),
      ),
      ...logEvents.flatMap((test) => shown(test, 'log events', 'delivered')),
      `  The log event has an \`aisix.change.id\` that starts with ${TEST_CHANGE}-. The ledger has not heard of it.`,
    ],
    passed: all.every(({ works }) => works),
  };
}

function shown({ name, origin, works, said, hint }: OutputTest, what: string, how: string): string[] {
  if (works) return [`  ${name}, ${what} at ${origin}: ${how}`];
  return [`  ${name}, ${what} at ${origin}: DOES NOT WORK, ${said}`, ...(hint === undefined ? [] : [`    ${hint}`])];
}
