import { DataTopic } from '@grafana/data';
import { lastValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../query/defaults';
import type { ChangesQuery } from '../query/model';
import { changeWith } from '../testing/changes';
import { asked, fakeApi, fakeContext } from '../testing/fakeApi';
import { runQuery } from './runQuery';

const onPanel = asked({ explore: false, dashboard: true });
const marks = (over: Partial<ChangesQuery> = {}) => ({
  refId: 'A',
  ...DEFAULTS.changes,
  shape: 'marks' as const,
  ...over,
});
const suspect = changeWith({
  verdict: { computed: { value: 'suspect', reason: 'worse_than_expected', look: '+1m', at: 1 } },
});
const api = () =>
  fakeApi({
    changes: () => of({ changes: [suspect], gaps: [] }),
    markers: () => of({ markers: [{ id: 'm', time: 1, kind: 'model', action: 'update', count: 1 }], gaps: [] }),
  });

async function drawn(query: ChangesQuery, orgRole = 'Admin') {
  const called = api();
  const { frames, notices = [] } = await lastValueFrom(runQuery(query, onPanel, fakeContext(called, { orgRole })));
  const annotations = frames.filter(({ meta }) => meta?.dataTopic === DataTopic.Annotations);
  const values = (name: string) =>
    annotations.flatMap(({ fields }) => fields.find((field) => field.name === name)?.values ?? []);
  return { values, notices, routes: called.calls.map(([route]) => route), frames };
}

describe('changes over a panel', () => {
  it('have names and the colour of what was found, for audit readers', async () => {
    const { values } = await drawn(marks({ resources: ['gpt-4o'] }));
    expect([values('title'), values('color')]).toEqual([['Model gpt-4o updated'], ['orange']]);
  });

  it('are neutral for others, and none where only names would tell', async () => {
    const neutral = await drawn(marks({ kinds: ['model'] }), 'Viewer');
    expect([neutral.values('title'), neutral.values('color')]).toEqual([['Model updated'], ['blue']]);
    expect(neutral.routes).not.toContain('changes');
    expect((await drawn(marks({ kinds: ['api_key'] }), 'Viewer')).values('title')).toEqual([]);
    const named = await drawn(marks({ actors: ['ada'] }), 'Viewer');
    expect([named.values('title'), named.notices.length]).toEqual([[], 1]);
  });

  it('are a table in Explore, which draws nothing under them', async () => {
    const { frames } = await lastValueFrom(runQuery(marks(), asked(), fakeContext(api())));
    expect(frames.map(({ name }) => name)).toEqual(['changes']);
    expect(frames[0]?.fields.find(({ name }) => name === 'verdict')?.values).toEqual(['suspect']);
  });
});
