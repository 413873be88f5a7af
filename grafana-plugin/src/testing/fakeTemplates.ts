import type { ScopedVars } from '@grafana/data';
import type { Templates } from '../query/interpolate';

interface FakeVariable {
  readonly value: string | string[];
  /** What All stands for. */
  readonly options?: string[];
}

const REFERENCE = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]/g;

/** Replaces variables in the way that was read of Grafana 12.4: a format function gets the values as they are. */
export function fakeTemplates(variables: Readonly<Record<string, FakeVariable>> = {}): Templates {
  return {
    replace: (text, scopedVars: ScopedVars = {}, format) =>
      text.replace(REFERENCE, (whole, a?: string, b?: string, own?: string, c?: string) => {
        const name = a ?? b ?? c ?? '';
        const variable = variables[name];
        const scoped = scopedVars[name];
        if (variable === undefined && scoped === undefined) return whole;
        const chosen = scoped?.value ?? variable?.value;
        const value = Array.isArray(chosen) && chosen.includes('$__all') ? (variable?.options ?? chosen) : chosen;
        if (own === undefined && typeof format === 'function') return format(value, { name });
        return Array.isArray(value) ? value.join(',') : String(value);
      }),
    getVariables: () =>
      Object.entries(variables).map(([name, { value }]) => ({ name, type: 'custom' as const, current: { value } })),
  };
}
