import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseCode } from '../filters/code/parse';
import { printCode } from '../filters/code/print';
import { DEFAULTS } from '../query/defaults';
import { migrate } from '../query/migrate';
import { type ChangesQuery, isFiltered, type ObservabilityQuery } from '../query/model';
import { fakeApi } from '../testing/fakeApi';
import { FIELDS } from '../testing/fields';
import { sourceWith } from '../testing/showEditor';
import { AnnotationEditor } from './AnnotationEditor';
import { ContextEditor } from './ContextEditor';
import { QueryEditor } from './QueryEditor';
import { QueryHelp } from './QueryHelp';
import { translations } from './translations';
import { VariableEditor } from './VariableEditor';

beforeEach(() => translations);
afterEach(cleanup);

const datasource = sourceWith();
const common = { query: { refId: 'Anno' } as never, onChange: vi.fn(), onRunQuery: vi.fn(), datasource };

describe('the annotation editor', () => {
  const annotation = { name: 'Changes', enable: true, iconColor: 'blue' };

  it('offers names, and then resources and actors', async () => {
    const onAnnotationChange = vi.fn<(changed: { readonly target?: unknown }) => void>();
    render(<AnnotationEditor {...common} annotation={annotation} onAnnotationChange={onAnnotationChange} />);
    expect(screen.queryByRole('combobox', { name: 'Actors' })).toBeNull();
    await userEvent.click(screen.getByLabelText('Changes with names'));
    expect(onAnnotationChange.mock.lastCall?.[0].target).toEqual({ refId: 'Anno', ...DEFAULTS.changes });
    cleanup();
    const target: ChangesQuery = { refId: 'Anno', ...DEFAULTS.changes };
    render(<AnnotationEditor {...common} annotation={{ ...annotation, target }} />);
    for (const name of ['Kinds', 'Resources', 'Actions', 'Actors', 'Environment']) {
      expect(screen.getByRole('combobox', { name })).toBeTruthy();
    }
  });
});

describe('an editor of changes', () => {
  const target: ChangesQuery = { refId: 'A', ...DEFAULTS.changes };
  const isNoted = () => screen.queryByText(/you are none/) !== null;

  it('says why a person sees none', () => {
    const viewer = sourceWith(fakeApi(), { audit: { mayBe: () => false, watch: (answer) => answer } });
    render(<QueryEditor {...common} query={target} datasource={viewer} />);
    expect(isNoted()).toBe(true);
    cleanup();
    const annotation = { name: 'x', enable: true, iconColor: 'blue', target };
    render(<AnnotationEditor {...common} annotation={annotation} datasource={viewer} />);
    expect(isNoted()).toBe(true);
    cleanup();
    render(<QueryEditor {...common} query={target} />);
    expect(isNoted()).toBe(false);
  });
});

describe('the variable editor', () => {
  it('shows a variable of values, and asks no field of environments', async () => {
    const onChange = vi.fn<(query: unknown) => void>();
    const query = { refId: 'v', kind: 'values', field: 'servedModel', environment: '', search: '' } as const;
    render(<VariableEditor {...common} query={query} onChange={onChange} />);
    expect(onChange).not.toHaveBeenCalled();
    await userEvent.click(screen.getByLabelText('Environments'));
    expect(onChange).toHaveBeenCalledWith({ ...query, kind: 'environments' });
    cleanup();
    render(<VariableEditor {...common} query={{ ...query, kind: 'environments' }} />);
    expect(screen.queryByRole('combobox', { name: 'Field' })).toBeNull();
  });
});

describe('the choice over a context', () => {
  it('is what the row has, and is told', async () => {
    const onChange = vi.fn();
    render(<ContextEditor commons={['caller', 'trace']} chosen="caller" onChange={onChange} />);
    expect(screen.queryByLabelText('Same requested model')).toBeNull();
    await userEvent.click(screen.getByLabelText('Same trace'));
    expect(onChange).toHaveBeenCalledWith('trace');
  });
});

describe('the questions to begin with', () => {
  it('are whole queries that the server takes', async () => {
    const onClickExample = vi.fn<(query: ObservabilityQuery) => void>();
    render(<QueryHelp datasource={datasource} query={{ refId: 'A' } as never} onClickExample={onClickExample} />);
    for (const button of screen.getAllByRole('button')) await userEvent.click(button);
    expect(onClickExample.mock.calls.length).toBeGreaterThan(3);
    for (const [query] of onClickExample.mock.calls) {
      expect(migrate(query)).toBe(query);
      if (!isFiltered(query)) continue;
      const { filters, text } = query;
      expect(parseCode(printCode(filters, text), FIELDS.fields)).toEqual({ filters, text });
    }
  });
});
