import type { DataTransformerConfig } from '@grafana/data';
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
export function panelsOf({ panels = [] }: DashboardJson): PanelJson[] {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}
