import {
  type DataFrame,
  type Field,
  type FieldConfig,
  FieldType,
  type GrafanaTheme2,
  getDisplayProcessor,
  getFieldMatcher,
  type ThresholdsConfig,
  ThresholdsMode,
} from '@grafana/data';
import {
  AxisPlacement,
  BarAlignment,
  GraphDrawStyle,
  type GraphFieldConfig,
  GraphGradientMode,
  LineInterpolation,
  ScaleDistribution,
  StackingMode,
  VisibilityMode,
} from '@grafana/schema';

/** What a time series panel starts from. */
export const LINES: GraphFieldConfig = {
  drawStyle: GraphDrawStyle.Line,
  lineInterpolation: LineInterpolation.Linear,
  lineWidth: 1,
  fillOpacity: 0,
  gradientMode: GraphGradientMode.None,
  showPoints: VisibilityMode.Never,
  pointSize: 5,
  spanNulls: false,
  axisPlacement: AxisPlacement.Auto,
  axisLabel: '',
  scaleDistribution: { type: ScaleDistribution.Linear },
  stacking: { mode: StackingMode.None, group: 'A' },
  hideFrom: { legend: false, tooltip: false, viz: false },
};

/** Bars on top of each other, as over Explore's log list. */
export const STACKED_BARS: GraphFieldConfig = {
  ...LINES,
  drawStyle: GraphDrawStyle.Bars,
  barAlignment: BarAlignment.Center,
  barWidthFactor: 0.9,
  lineWidth: 0,
  fillOpacity: 100,
  stacking: { mode: StackingMode.Normal, group: 'A' },
};

/** Part of a panel's JSON. */
export interface FieldConfigSource {
  readonly defaults?: FieldConfig<GraphFieldConfig>;
  readonly overrides?: readonly {
    readonly matcher: { readonly id: string; readonly options?: unknown };
    readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
  }[];
}

/** Grafana's own start from green and turn red at 80, which is what nobody means. */
const NO_THRESHOLDS: ThresholdsConfig = {
  mode: ThresholdsMode.Absolute,
  steps: [{ value: Number.NEGATIVE_INFINITY, color: 'text' }],
};

/** Fields with what a panel says of them, ready to be drawn. Grafana's own code for it lives in its server's front end. */
export function prepareFields(
  frames: readonly DataFrame[],
  { defaults = {}, overrides = [] }: FieldConfigSource,
  theme: GrafanaTheme2,
  custom?: GraphFieldConfig,
): DataFrame[] {
  // Series have a colour each; single numbers and cells have that of the threshold that they are over.
  const mode = custom === undefined ? 'thresholds' : 'palette-classic';
  let series = 0;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const config: FieldConfig = {
        color: { mode },
        thresholds: NO_THRESHOLDS,
        ...defaults,
        ...field.config,
        ...(defaults.displayName === undefined ? {} : { displayName: defaults.displayName }),
        ...(defaults.unit === undefined ? {} : { unit: defaults.unit }),
        custom: { ...custom, ...defaults.custom, ...field.config.custom },
      };
      for (const { matcher, properties } of overrides) {
        if (!getFieldMatcher(matcher)(field, frame, [...frames])) continue;
        for (const { id, value } of properties) setProperty(config, id, value);
      }
      config.thresholds = withLowest(config.thresholds);
      const prepared: Field = { ...field, config, state: { ...field.state, displayName: null, seriesIndex: series } };
      if (field.type === FieldType.number) series += 1;
      return { ...prepared, display: getDisplayProcessor({ field: prepared, theme, timeZone: 'browser' }) };
    }),
  }));
}

/** JSON has no infinity: the lowest step is written with `null`. */
function withLowest(thresholds: ThresholdsConfig | undefined): ThresholdsConfig {
  if (thresholds === undefined) return NO_THRESHOLDS;
  const steps = thresholds.steps.map(({ value, ...step }) => ({ ...step, value: value ?? Number.NEGATIVE_INFINITY }));
  return { ...thresholds, steps };
}

function setProperty(config: FieldConfig, id: string, value: unknown): void {
  const path = id.split('.');
  let place = config as Record<string, unknown>;
  for (const part of path.slice(0, -1)) {
    place[part] = { ...(place[part] as object | undefined) };
    place = place[part] as Record<string, unknown>;
  }
  place[path.at(-1) ?? id] = value;
}
