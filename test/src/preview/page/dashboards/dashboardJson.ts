import type { DataTransformerConfig, ScopedVars } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import type { FieldConfigSource } from '../chart/prepareFields.ts';

/** Of a bundled dashboard what the preview reads; the form is the one of Grafana 12. */
export interface DashboardJson {
  readonly title?: string;
  readonly uid?: string;
  readonly description?: string;
  readonly panels?: readonly PanelJson[];
  readonly templating?: { readonly list?: readonly VariableJson[] };
  readonly annotations?: { readonly list?: readonly AnnotationJson[] };
  readonly time?: { readonly from: string; readonly to: string };
}

export interface PanelJson {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly DataQuery[];
  readonly fieldConfig?: FieldConfigSource;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly DataTransformerConfig[];
  readonly maxDataPoints?: number | null;
  /** Variable for each of whose values the panel is drawn once, beside one another. */
  readonly repeat?: string;
  readonly maxPerRow?: number;
  /** Set on each of them. */
  readonly scopedVars?: ScopedVars;
  /** Panels of a row that is folded up. */
  readonly panels?: readonly PanelJson[];
}

export interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly label?: string | null;
  readonly query?: unknown;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly hide?: number;
  readonly current?: { readonly value?: unknown };
  readonly options?: readonly { readonly value?: unknown }[];
}

export interface AnnotationJson {
  readonly name?: string;
  readonly enable?: boolean;
  readonly hide?: boolean;
  readonly builtIn?: number;
  readonly iconColor?: string;
  readonly target?: DataQuery;
}

/** Pixels of a row of Grafana's grid, between two of them, and columns. */
export const ROW_HEIGHT = 30;
export const GAP = 8;
const COLUMNS = 24;

/** Where a panel is drawn in a page of a width; pixels. */
export function placeOf({ gridPos }: PanelJson, width: number) {
  const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: COLUMNS, h: 8 };
  const column = (width - GAP * (COLUMNS - 1)) / COLUMNS;
  return {
    left: Math.round(x * (column + GAP)),
    top: y * (ROW_HEIGHT + GAP),
    width: Math.floor(w * column + (w - 1) * GAP),
    height: h * ROW_HEIGHT + (h - 1) * GAP,
  };
}

/** Rows that are folded up are shown unfolded under the rest: a preview hides nothing. */
export function panelsOf(
  { panels = [] }: DashboardJson,
  valuesOf: (variable: string) => readonly string[],
): PanelJson[] {
  const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return all.flatMap((panel) => {
    const { repeat, gridPos } = panel;
    if (repeat === undefined || gridPos === undefined) return [panel];
    const values = valuesOf(repeat);
    return values.map((value, at) => repeated(panel, value, at, values.length));
  });
}

/** One of a repeated panel, in the width that is left for it. Rows after the first one are not made room for. */
function repeated(panel: PanelJson, value: string, at: number, count: number): PanelJson {
  const { repeat = '', maxPerRow = 4, gridPos = { x: 0, y: 0, w: COLUMNS, h: 8 } } = panel;
  const inRow = Math.min(count, maxPerRow);
  const w = Math.floor(COLUMNS / inRow);
  return {
    ...panel,
    id: (panel.id ?? 0) * 1000 + at,
    gridPos: { ...gridPos, x: (at % inRow) * w, y: gridPos.y + Math.floor(at / inRow) * gridPos.h, w },
    scopedVars: { [repeat]: { text: value, value } },
  };
}
