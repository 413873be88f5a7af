import type { TimeRange } from '@grafana/data';
import type { ComboboxOption } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { catchError, firstValueFrom, map, of } from 'rxjs';
import { valuesOf } from '../adHoc/adHoc';
import type { FieldDescription, FieldsAnswer } from '../api/contract';
import { failureOf } from '../api/failure';
import type { RunContext } from '../run/context';

type Loader = (search: string) => Promise<ComboboxOption<string>[]>;

const HOUR = 60 * 60 * 1000;

/** What may be asked, or why that is not known. */
export function useFields({ directory }: Pick<RunContext, 'directory'>): {
  readonly answer: FieldsAnswer | undefined;
  readonly failure: string | undefined;
} {
  const [state, setState] = useState<{ answer?: FieldsAnswer; failure?: string }>({});
  useEffect(() => {
    const listening = directory.fields().subscribe({
      next: (answer) => setState({ answer }),
      error: (error: unknown) => setState({ failure: failureOf(error).message }),
    });
    return () => listening.unsubscribe();
  }, [directory]);
  return { answer: state.answer, failure: state.failure };
}

/** Variables of the dashboard, which can stand wherever a value can. */
const variables = ({ templates }: Pick<RunContext, 'templates'>, search: string): ComboboxOption<string>[] =>
  templates
    .getVariables()
    .map(({ name }) => ({ value: `$${name}`, label: `$${name}` }))
    .filter(({ value }) => value.toLowerCase().includes(search.toLowerCase()));

/**
 * Values of a field for a list that is searched as one types: those of a closed set, else what the field has in the
 * range. A list that cannot be had is empty, and values are typed.
 */
export function valueLoader(
  field: FieldDescription | undefined,
  range: TimeRange | undefined,
  context: Pick<RunContext, 'client' | 'templates'>,
): Loader {
  return async (search) => {
    const known = variables(context, search);
    if (field === undefined) return known;
    const fixed = field.values ?? (field.type === 'boolean' ? ['true', 'false'] : undefined);
    if (fixed !== undefined) {
      return [...known, ...fixed.filter((value) => value.includes(search)).map((value) => ({ value, label: value }))];
    }
    if (!field.listable) return known;
    const to = range?.to.valueOf() ?? Date.now();
    const asked = { from: range?.from.valueOf() ?? to - HOUR, to };
    const values = valuesOf(field.name, asked, context, search === '' ? {} : { search }).pipe(
      map((found) => found.map(({ text, value }) => ({ value: String(value ?? text), label: text }))),
      catchError(() => of<ComboboxOption<string>[]>([])),
    );
    return [...known, ...(await firstValueFrom(values))];
  };
}

/** Environments by name, which is what a person knows and what stays readable in an address. */
export function environmentLoader(context: Pick<RunContext, 'directory' | 'templates'>): Loader {
  return async (search) => {
    const names = context.directory.fields().pipe(
      map(({ environments }) => environments.map(({ id, name }) => ({ value: name, label: name, description: id }))),
      catchError(() => of<ComboboxOption<string>[]>([])),
    );
    const found = await firstValueFrom(names);
    return [...variables(context, search), ...found.filter(({ value }) => value.includes(search))];
  };
}
