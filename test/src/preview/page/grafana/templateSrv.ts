import type { ScopedVars, TypedVariableModel } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';

/** A dashboard's variable with what is chosen. */
export interface ChosenVariable {
  readonly name: string;
  readonly type: string;
  readonly value: string | readonly string[];
  /** What All stands for. */
  readonly all?: readonly string[];
}

type Format = (value: string | string[], variable: { readonly name: string }) => string;

/** `$name`, `${name}`, `${name.path:format}` and `[[name]]`, as Grafana reads them. */
const VARIABLE = /\$(\w+)|\[\[(\w+)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

/** Replaces the variables of the dashboard that is shown. */
export class PreviewTemplateSrv implements TemplateSrv {
  variables: readonly ChosenVariable[] = [];

  getVariables(): TypedVariableModel[] {
    return this.variables.map(
      ({ name, type, value }) => ({ name, type, current: { value, text: value } }) as unknown as TypedVariableModel,
    );
  }

  replace(target = '', scopedVars: ScopedVars = {}, format?: string | ((...args: never[]) => unknown)): string {
    return target.replace(VARIABLE, (match, plain, bracketed, bracketFormat, braced, path, braceFormat) => {
      const name = String(plain ?? bracketed ?? braced);
      const value = this.valueOf(name, scopedVars, path as string | undefined);
      if (value === undefined) return match;
      return written(value, bracketFormat ?? braceFormat ?? format, name);
    });
  }

  containsTemplate(target = ''): boolean {
    return [...target.matchAll(VARIABLE)].some((found) => {
      const name = found[1] ?? found[2] ?? found[4];
      return this.variables.some((variable) => variable.name === name);
    });
  }

  updateTimeRange(): void {}

  private valueOf(name: string, scopedVars: ScopedVars, path?: string): string | string[] | undefined {
    const scoped: unknown = scopedVars[name]?.value;
    if (scoped !== undefined) {
      const found = path === undefined ? scoped : (scoped as Record<string, unknown>)[path];
      return Array.isArray(found) ? found.map(String) : String(found ?? '');
    }
    const variable = this.variables.find((each) => each.name === name);
    if (variable === undefined) return undefined;
    const { value, all } = variable;
    const chosen = typeof value === 'string' ? value : [...value];
    const isAll = Array.isArray(chosen) ? chosen.includes('$__all') : chosen === '$__all';
    return isAll && all !== undefined ? [...all] : chosen;
  }
}

function written(value: string | string[], format: unknown, name: string): string {
  if (typeof format === 'function') return (format as Format)(value, { name });
  const values = Array.isArray(value) ? value : [value];
  switch (format) {
    case 'csv':
    case 'raw':
      return values.join(',');
    case 'json':
      return JSON.stringify(value);
    case 'pipe':
      return values.join('|');
    case 'queryparam':
      return values.map((each) => `var-${name}=${encodeURIComponent(each)}`).join('&');
    case 'percentencode':
      return encodeURIComponent(values.join(','));
    default:
      return values.length === 1 ? (values[0] ?? '') : `{${values.join(',')}}`;
  }
}
