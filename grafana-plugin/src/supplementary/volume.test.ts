import { type DataQueryRequest, SupplementaryQueryType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import { volumeQuery, volumeRequest } from './volume';

const requests = { refId: 'A', ...DEFAULTS.requests };
const volume = { type: SupplementaryQueryType.LogsVolume } as const;

describe('the histogram of a list of requests', () => {
  it('is asked for under the name that Explore takes apart again', () => {
    expect(volumeQuery(volume, requests)).toEqual({ ...requests, refId: 'log-volume-A', volume: true });
  });

  it('is for requests only', () => {
    expect(volumeQuery(volume, { refId: 'A', ...DEFAULTS.metrics })).toBeUndefined();
    expect(volumeQuery(volume, { ...requests, hide: true })).toBeUndefined();
    expect(volumeQuery({ type: SupplementaryQueryType.LogsSample }, requests)).toBeUndefined();
  });

  it('is not there for a query that a newer version saved, and does not break Explore', () => {
    expect(volumeQuery(volume, { ...requests, version: 2 } as never)).toBeUndefined();
  });

  it('of a request has those of its queries that have one', () => {
    const targets: ObservabilityQuery[] = [requests, { refId: 'B', ...DEFAULTS.trace, requestId: 'x' }];
    const request = { targets, liveStreaming: true } as DataQueryRequest<ObservabilityQuery>;
    expect(volumeRequest(SupplementaryQueryType.LogsVolume, request)).toMatchObject({
      liveStreaming: false,
      targets: [{ refId: 'log-volume-A' }],
    });
    expect(volumeRequest(SupplementaryQueryType.LogsVolume, { ...request, targets: [] })).toBeUndefined();
  });
});
