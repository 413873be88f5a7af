import { LogLevel } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { changeWith } from '../testing/changes';
import { eventsAsGrafanaMakesThem, splitAsPanelsDo } from '../testing/grafanaAnnotations';
import { linksAsGrafanaFillsThem } from '../testing/grafanaLinks';
import { readAsGrafanaDoes } from '../testing/grafanaLogs';
import { readTraceAsGrafanaDoes } from '../testing/grafanaTrace';
import { recordedRequests, requestWith } from '../testing/requests';
import { attemptsTable } from './attempts';
import { changeLogFrame } from './changes';
import { logFrame } from './logs';
import { annotationFrame, laneFrames, neutralMarker } from './markers';
import { seriesFrames } from './metrics';
import { namedMarkers } from './namedMarkers';
import { traceFrame } from './trace';

// What Grafana does with the frames of this data source, by transcriptions of its rules in `testing`.

const nameOf = () => 'prod';
const drawing = { refId: 'Anno', name: 'changes', range: { from: 0, to: 100_000 } };
const HOSTILE = '<img src=https://evil.example/x.png onerror=alert(1)>\n**b** [a](javascript:x) \u202e שלום '.padEnd(
  5000,
  'x',
);

describe('annotations of a dashboard', () => {
  it('are made of markers, with a region for a burst and no way to delete any', () => {
    const burst = [1000, 9000].map((occurredAt, at) => changeWith({ id: `c${at}`, occurredAt, burstId: 'b' }));
    const alone = changeWith({ id: 'd', occurredAt: 50_000 });
    const events = eventsAsGrafanaMakesThem(annotationFrame(namedMarkers([...burst, alone], nameOf), drawing));
    expect(events).toMatchObject([
      { time: 1000, timeEnd: 9000, isRegion: true, title: '2 changes', tags: ['model', 'update'], hasButtons: false },
      { time: 50_000, isRegion: false, title: 'Model gpt-4o updated', text: 'by ada · prod', hasButtons: false },
    ]);
  });

  it('show names as text, whatever they are', () => {
    const change = changeWith({
      actor: { type: 'user', name: HOSTILE },
      resource: { kind: HOSTILE, name: HOSTILE },
      paths: [{ path: HOSTILE, before: HOSTILE, after: HOSTILE, secret: false }],
    });
    for (const { title, text } of eventsAsGrafanaMakesThem(annotationFrame(namedMarkers([change], nameOf), drawing))) {
      for (const shown of [title ?? '', text]) {
        expect(shown).not.toMatch(/[<>\n\u202e]/);
        expect(shown.length).toBeLessThan(2000);
        expect(shown).not.toBe('');
      }
    }
  });

  it('of nothing are no events, and no failure', () => {
    expect(eventsAsGrafanaMakesThem(annotationFrame([], drawing))).toEqual([]);
  });
});

describe('a panel', () => {
  it('draws the series, and the markers over them each in its colour', () => {
    const series = seriesFrames(
      { buckets: [0, 1], series: [{ measure: 'rate', labels: {}, values: [1, 2] }] },
      [],
      'A',
    );
    const markers = ['create', 'delete'].map((action) =>
      neutralMarker({ id: action, time: 1, kind: 'model', action, count: 1 }, nameOf),
    );
    const split = splitAsPanelsDo([...series, ...laneFrames(markers, drawing)]);
    expect(split.series).toHaveLength(1);
    expect(split.colours).toEqual(['green', 'red']);
  });
});

describe('the trace view', () => {
  it('reads every recorded request: one root, an attempt below it each', () => {
    for (const request of recordedRequests()) {
      const { spans } = readTraceAsGrafanaDoes(traceFrame(request, 'A', nameOf));
      expect(spans).toHaveLength(1 + request.attempts.length);
      expect(spans[0]?.startTime).toBeCloseTo(request.startTime * 1000, 0);
    }
  });

  it('marks what failed, and keeps spans apart whose numbers repeat', () => {
    const failed = recordedRequests().find(({ attempts }) =>
      attempts.some(({ outcome }) => outcome === 'provider_error'),
    );
    if (failed === undefined) throw new Error('no recording with a failed attempt');
    const { spans } = readTraceAsGrafanaDoes(traceFrame(failed, 'A', nameOf));
    expect(spans.some(({ hasError }) => hasError)).toBe(true);
    const [attempt] = failed.attempts;
    if (attempt === undefined) throw new Error('no attempt');
    const twice = requestWith({ attempts: [attempt, attempt] });
    expect(readTraceAsGrafanaDoes(traceFrame(twice, 'A', nameOf)).spans).toHaveLength(3);
    expect(attemptsTable([twice], 'A').length).toBe(2);
    const links = { self: { uid: 'aisix', name: 'AISIX' }, explained: true };
    const table = attemptsTable([failed], 'A', { links, environmentName: nameOf });
    const at = failed.attempts.findIndex(({ outcome }) => outcome !== 'success');
    expect(linksAsGrafanaFillsThem(table, 'failed', at)[0]).toMatchObject({
      title: 'What broke it',
      query: { about: 'request', requestId: failed.requestId, environment: 'prod' },
    });
    const viewer = attemptsTable([failed], 'A', { links: { self: links.self }, environmentName: nameOf });
    expect(viewer.fields.map(({ name }) => name)).not.toContain('failed');
  });
});

describe('links', () => {
  const ID = 'x&var-ds=evil#$y 模';
  const self = { uid: 'aisix', name: 'AISIX' };

  it('of rows ask for the id in the environment of the row, whatever the caller chose as an id', () => {
    const requests = ['a', 'b & c'].map((environment) => requestWith({ requestId: ID, environment }));
    const frame = logFrame(requests, {
      refId: 'A',
      links: { self },
      environmentName: (id) => `${id}!`,
      dashboard: { from: 1, to: 2 },
    });
    const [detail, attempts] = linksAsGrafanaFillsThem(frame, 'request', 1);
    expect([...new URL(detail?.url ?? '', 'https://grafana.example').searchParams]).toEqual([
      ['var-ds', 'aisix'],
      ['var-environment', 'b & c!'],
      ['var-request', ID],
      ['from', '1'],
      ['to', '2'],
    ]);
    expect(attempts?.query).toMatchObject({ queryType: 'trace', requestId: ID, environment: 'b & c!' });
  });

  it('of markers ask for the change in its environment', () => {
    const changes = [changeWith({ id: 'a' }), changeWith({ id: 'b', environment: null })];
    const frame = annotationFrame(namedMarkers(changes, nameOf), { ...drawing, links: { self } });
    for (const [field, queryType] of [
      ['change', 'changes'],
      ['suspect', 'investigation'],
    ] as const) {
      const asked = [0, 1].map((row) => linksAsGrafanaFillsThem(frame, field, row)[0]?.query);
      expect(asked).toMatchObject([
        { queryType, changeId: 'a', environment: 'prod' },
        { queryType, changeId: 'b', environment: '' },
      ]);
    }
  });

  it('of a burst ask for all of it, and for what the most suspect of it did', () => {
    const burst = ['a', 'b'].map((id, at) =>
      changeWith({
        id,
        burstId: 'burst',
        ...(at === 0
          ? {}
          : { verdict: { computed: { value: 'suspect', reason: 'worse_than_expected', look: '+1m', at } } }),
      }),
    );
    const frame = annotationFrame(namedMarkers(burst, nameOf), { ...drawing, links: { self } });
    expect(linksAsGrafanaFillsThem(frame, 'change', 0)[0]?.query).toMatchObject({ changeId: 'burst' });
    expect(linksAsGrafanaFillsThem(frame, 'suspect', 0)[0]?.query).toMatchObject({ about: 'change', changeId: 'b' });
  });

  it('of markers without names lead to what was around them', () => {
    const neutral = neutralMarker({ id: 'm', time: 5_000_000, kind: 'model', action: 'update', count: 1 }, nameOf);
    const linked = (explained: boolean) =>
      linksAsGrafanaFillsThem(annotationFrame([neutral], { ...drawing, links: { self, explained } }), 'around', 0);
    expect(linked(false)).toEqual([
      {
        title: 'Requests around it',
        url: '/d/aisix-timeline?var-ds=aisix&var-environment=&from=4400000&to=6200000',
      },
    ]);
    expect(linked(true).map(({ title }) => title)).toEqual(['What changed around it', 'Requests around it']);
  });
});

describe('the list of logs', () => {
  it('takes requests and changes of one answer into one list, each row with an id of its own', () => {
    const requests = recordedRequests();
    const rows = [
      logFrame(requests, { refId: 'A', links: { self: { uid: 'x', name: 'x' } }, environmentName: nameOf }),
      changeLogFrame([changeWith(), changeWith({ id: 'c2', state: 'rejected' })], 'A', nameOf),
    ].flatMap((frame) => readAsGrafanaDoes(frame).rows);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(requests.length + 2);
    expect(rows.map(({ level }) => level)).not.toContain(LogLevel.unknown);
  });

  it('shows names as one line of text that is cut, with the whole name beside it', () => {
    const request = requestWith({ requestedModel: HOSTILE, errorMessage: HOSTILE, outcome: 'provider_error' });
    const frame = logFrame([request], {
      refId: 'A',
      links: { self: { uid: 'x', name: 'x' } },
      environmentName: nameOf,
    });
    const [row] = readAsGrafanaDoes(frame).rows;
    expect(row?.body).not.toMatch(/[\n\u202e]/);
    expect(row?.body.length).toBeLessThan(400);
    expect(row?.labels.requestedModel).toBe(HOSTILE);
  });
});
