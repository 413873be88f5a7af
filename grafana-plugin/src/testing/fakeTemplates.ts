import type { ScopedVars } from '@grafana/data';
import type { Templates } from '../query/interpolate';

interface FakeVariable {
  readonly value: string | string[];
  /** What All stands for. */
  readonly options?: string[];
  /** Text that stands for All in place of the options. */
  readonly allValue?: string;
}

const REFERENCE = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]/g;

/**
 * Replaces variables in the way that was read of Grafana 12.4, where dashboards are made of Scenes: a format function gets
 * the values as they are, and is not called at all for a custom value of All. Variables of a repeated panel are in
 * `scopedVars` by their names, or, as Scenes has it, of the panel that `scopedInScenes` names.
 */
export function fakeTemplates(variables: Readonly<Record<string, FakeVariable>> = {}): Templates {
  return {
    replace: (text, scopedVars: ScopedVars = {}, format) =>
      text.replace(REFERENCE, (whole, a?: string, b?: string, own?: string, c?: string) => {
        const name = a ?? b ?? c ?? '';
        const variable = variables[name];
        const scoped = scopedVars[name]?.value ?? localsOf(scopedVars)[name];
        if (variable === undefined && scoped === undefined) return whole;
        const chosen = scoped ?? variable?.value;
        const all = chosen === '$__all' || (Array.isArray(chosen) && chosen.includes('$__all'));
        if (all && variable?.allValue !== undefined) return variable.allValue;
        const value = all ? (variable?.options ?? chosen) : chosen;
        if (own === undefined && typeof format === 'function') return format(value, { name });
        return Array.isArray(value) ? value.join(',') : String(value);
      }),
    // Those of the dashboard, whichever panel asks.
    getVariables: () =>
      Object.entries(variables).map(([name, { value }]) => ({ name, type: 'custom' as const, current: { value } })),
  };
}

/** What a query of a repeated panel gets in Scenes: no value by its name, only the panel in which it is looked up. */
export const scopedInScenes = (locals: Readonly<Record<string, string>>): ScopedVars => ({
  __sceneObject: { text: '__sceneObject', value: { locals } },
});

function localsOf({ __sceneObject: panel }: ScopedVars): Readonly<Record<string, string>> {
  const value: { readonly locals?: Readonly<Record<string, string>> } | undefined = panel?.value;
  return value?.locals ?? {};
}
