import { type DataQueryResponse, LoadingState } from '@grafana/data';
import { concat, NEVER, of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiClient } from '../api/client';
import type { TailLine } from '../api/contract';
import { QueryFailure } from '../api/queryFailure';
import { DEFAULTS } from '../query/defaults';
import { asked, fakeApi, fakeContext } from '../testing/fakeApi';
import { requestWith } from '../testing/requests';
import { followTail } from './followTail';
import { TailWindow } from './window';

const query = { refId: 'A', ...DEFAULTS.requests };
const lines = (...each: TailLine[]) => of(...each);

function follow(tail: ApiClient['tail']) {
  const api = fakeApi({ tail });
  const responses: DataQueryResponse[] = [];
  const listening = followTail(query, asked(), fakeContext(api)).subscribe((response) => responses.push(response));
  const tails = () => api.calls.filter(([route]) => route === 'tail').map(([, body]) => body);
  return { responses, tails, stop: () => listening.unsubscribe() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a live list', () => {
  it('is there before the first request, and has each request once', () => {
    const open = requestWith({ state: 'open' });
    const { responses } = follow(() =>
      concat(
        lines(
          { heartbeat: 1, cursor: 'a' },
          { requests: [open], cursor: 'b' },
          { requests: [requestWith({ revision: 1 }), requestWith({ requestId: 'req-2' })], cursor: 'c' },
        ),
        NEVER,
      ),
    );
    expect(responses.map(({ data }) => data[0].length)).toEqual([0, 1, 2]);
    expect(responses.every(({ state, key }) => state === LoadingState.Streaming && key === 'tail-A')).toBe(true);
  });

  it('goes on by its cursor when the token has expired', () => {
    let times = 0;
    const { tails } = follow(() => {
      times += 1;
      return times === 1 ? lines({ heartbeat: 1, cursor: 'a' }, { end: 'token_expired', cursor: 'b' }) : NEVER;
    });
    vi.advanceTimersByTime(2000);
    expect(tails()).toEqual([{ filters: [] }, { filters: [], cursor: 'b' }]);
  });

  it('gives up after breaks in a row', () => {
    const { responses, tails } = follow(() => lines());
    vi.advanceTimersByTime(60_000);
    expect(tails()).toHaveLength(11);
    expect(responses.at(-1)).toMatchObject({
      state: LoadingState.Error,
      errors: [{ message: 'The live tail broke off. Start it again.' }],
    });
  });

  it('says what it left out, and why it ended', () => {
    const { responses } = follow(() =>
      lines({ missed: { from: 1000, to: 9000 }, cursor: 'a' }, { end: 'store_unavailable', cursor: 'b' }),
    );
    expect(responses[0]?.data[0].meta.notices[0].text).toContain('left out 8 s');
    expect(responses[1]?.errors?.[0]?.message).toContain('could not go on reading');
    const refused = follow(() => throwError(() => new QueryFailure('8 tails are open.', { status: 429 })));
    expect(refused.responses).toMatchObject([{ errors: [{ refId: 'A', status: 429, message: '8 tails are open.' }] }]);
  });

  it('stops when it is left', () => {
    let open = 0;
    const { stop } = follow(() => {
      open += 1;
      return NEVER;
    });
    stop();
    vi.advanceTimersByTime(60_000);
    expect(open).toBe(1);
  });
});

describe('the window of a live list', () => {
  it('keeps the newest, oldest first', () => {
    const window = new TailWindow(3);
    window.add([5, 1, 4, 2, 3].map((startTime) => requestWith({ requestId: `r${startTime}`, startTime })));
    expect(window.list().map(({ requestId }) => requestId)).toEqual(['r3', 'r4', 'r5']);
  });
});
