import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import type { ObservabilitySource } from '../run/source';
import { fakeApi, fakeContext } from '../testing/fakeApi';
import { AnnotationEditor } from './AnnotationEditor';
import { QueryEditor } from './QueryEditor';
import { joinFilters, splitFilters } from './QuickFilters';
import { translations } from './translations';

const datasource = { context: fakeContext(fakeApi()) } as unknown as ObservabilitySource;

afterEach(cleanup);

async function show(query: ObservabilityQuery) {
  await translations;
  const onChange = vi.fn<(query: ObservabilityQuery) => void>();
  const onRunQuery = vi.fn();
  render(<QueryEditor query={query} onChange={onChange} onRunQuery={onRunQuery} datasource={datasource} />);
  return { onChange, onRunQuery, user: userEvent.setup() };
}

describe('the query editor', () => {
  it('changes nothing by being shown', async () => {
    const { onChange, onRunQuery } = await show({ refId: 'A', ...DEFAULTS.requests });
    await waitFor(() => expect(screen.getByRole('combobox', { name: 'Outcome' })).toBeTruthy());
    expect(onChange).not.toHaveBeenCalled();
    expect(onRunQuery).not.toHaveBeenCalled();
  });

  it('changes the type and keeps the environment', async () => {
    const { onChange, onRunQuery, user } = await show({ refId: 'A', ...DEFAULTS.requests, environment: 'prod' });
    await user.click(screen.getByRole('radio', { name: 'Metrics' }));
    expect(onChange).toHaveBeenCalledWith({ refId: 'A', ...DEFAULTS.metrics, environment: 'prod' });
    expect(onRunQuery).toHaveBeenCalledOnce();
  });

  it('runs a text when it is done, and not for every letter', async () => {
    const { onChange, user } = await show({ refId: 'A', ...DEFAULTS.trace });
    await user.type(screen.getByLabelText('Request id'), 'req-1');
    expect(onChange).not.toHaveBeenCalled();
    await user.keyboard('{Enter}');
    expect(onChange).toHaveBeenCalledWith({ refId: 'A', ...DEFAULTS.trace, requestId: 'req-1' });
  });

  it('says why a query of a newer version cannot be edited', async () => {
    await show({ refId: 'A', version: 9 } as never);
    expect(screen.getByText(/newer version of the plugin/)).toBeTruthy();
  });
});

describe('the editor of an investigation', () => {
  const investigation = { refId: 'A', ...DEFAULTS.investigation };

  it('asks for what its subject needs, and for nothing else', async () => {
    const { onChange, user } = await show(investigation);
    expect(screen.getByLabelText('Began at')).toBeTruthy();
    expect(screen.getByRole('combobox', { name: 'Models' })).toBeTruthy();
    expect(screen.queryByLabelText('Request id')).toBeNull();
    await user.click(screen.getByRole('radio', { name: 'A request' }));
    expect(onChange).toHaveBeenCalledWith({ ...investigation, about: 'request' });
    cleanup();
    await show({ ...investigation, about: 'request' });
    expect((screen.getByLabelText('Request id') as HTMLInputElement).placeholder).toBe('the newest that failed');
    expect(screen.queryByLabelText('Began at')).toBeNull();
    cleanup();
    await show({ ...investigation, about: 'change' });
    expect((screen.getByLabelText('Change id') as HTMLInputElement).placeholder).toContain('follow a marker');
  });

  it('says what is wrong with a start, and leaves variables to the query', async () => {
    await show({ ...investigation, start: 'noon' });
    expect(screen.getByText('This is no time')).toBeTruthy();
    cleanup();
    await show({ ...investigation, start: '$__from' });
    expect(screen.queryByText('This is no time')).toBeNull();
    cleanup();
    const { onChange, user } = await show(investigation);
    await user.type(screen.getByLabelText('Began at'), '2026-11-26 04:58{Enter}');
    expect(onChange).toHaveBeenCalledWith({ ...investigation, start: '2026-11-26 04:58' });
  });

  it('tells who is no audit reader that this is not for them', async () => {
    await translations;
    const viewer = { context: fakeContext(fakeApi(), { orgRole: 'Viewer' }) } as unknown as ObservabilitySource;
    render(<QueryEditor query={investigation} onChange={vi.fn()} onRunQuery={vi.fn()} datasource={viewer} />);
    expect(screen.getByText(/audit readers only/)).toBeTruthy();
  });
});

describe('the filters', () => {
  const filters = [
    { field: 'outcome', op: 'in', values: ['provider_error'] },
    { field: 'durationMs', op: 'gte', values: ['1000'] },
  ] as const;

  it('have a choice of their own for everything that is asked often', async () => {
    await show({ refId: 'A', ...DEFAULTS.requests, filters });
    for (const name of [
      'Outcome',
      'Status',
      'Requested model',
      'Served model',
      'Caller key',
      'Error class',
      'Guardrail',
    ]) {
      expect(screen.getByRole('combobox', { name })).toBeTruthy();
    }
    expect((screen.getByLabelText('Latency ≥ ms') as HTMLInputElement).value).toBe('1000');
    expect(screen.getByLabelText('Tokens in ≥')).toBeTruthy();
    expect(screen.getByLabelText('Tokens out ≥')).toBeTruthy();
    expect(screen.getByLabelText('Text')).toBeTruthy();
  });

  it('are the same as code', async () => {
    const { onChange, user } = await show({ refId: 'A', ...DEFAULTS.requests, filters });
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    expect(onChange).toHaveBeenCalledWith({ refId: 'A', ...DEFAULTS.requests, filters, mode: 'code' });
    cleanup();
    await show({ refId: 'A', ...DEFAULTS.requests, filters, mode: 'code' });
    const code = screen.getByRole('textbox', { name: 'Filters as code' }) as HTMLTextAreaElement;
    expect(code.value).toBe('outcome in (provider_error) and durationMs >= 1000');
  });
});

describe('the annotation editor', () => {
  it('shows a new annotation as neutral markers, and does not save it by itself', async () => {
    await translations;
    const onAnnotationChange = vi.fn();
    const annotation = { name: 'Changes', enable: true, iconColor: 'blue' };
    const props = { query: { refId: 'Anno' } as never, onChange: vi.fn(), onRunQuery: vi.fn(), datasource };
    render(<AnnotationEditor {...props} annotation={annotation} onAnnotationChange={onAnnotationChange} />);
    expect((screen.getByLabelText('Neutral markers') as HTMLInputElement).checked).toBe(true);
    expect(onAnnotationChange).not.toHaveBeenCalled();
  });
});

describe('filters with a choice of their own', () => {
  it('and the others make up the whole again', () => {
    const filters = [
      { field: 'outcome', op: 'in', values: ['budget'] },
      { field: 'durationMs', op: 'gte', values: ['5000'] },
      { field: 'outcome', op: 'in', values: ['forbidden'] },
      { field: 'durationMs', op: 'gt', values: ['1000'] },
      { field: 'durationMs', op: 'gte', values: [] },
    ] as const;
    const { quick, others } = splitFilters(filters);
    expect([...quick.keys()]).toEqual(['outcome', 'durationMs']);
    expect(joinFilters(quick, others)).toEqual(filters);
  });
});
