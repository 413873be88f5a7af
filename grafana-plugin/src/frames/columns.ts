import { type DataLink, type FieldConfig, type FieldType, MappingType, type ValueMapping } from '@grafana/data';

/** How a column is shown, where the table says nothing else. */
export interface Look {
  /** One of Grafana's. */
  readonly unit?: string;
  readonly decimals?: number;
  /** Pixels; columns without one share the rest. */
  readonly width?: number;
  /** Texts are shown whole, over as many lines as they need. */
  readonly wrap?: boolean;
  /** Each word in a box of its colour, a name of Grafana's palette; words that it does not have are shown grey. */
  readonly pills?: Readonly<Record<string, string>>;
  /** The text is there for links of the row, which all have one title. */
  readonly hidden?: boolean;
  /** In place of the value, which only links need to know. */
  readonly shownAs?: string;
  readonly links?: readonly DataLink[];
  /** What the header says when it is pointed at. */
  readonly description?: string;
}

/** A field of a table, before it is one of a frame. */
export interface Column {
  readonly name: string;
  readonly type: FieldType;
  readonly config: FieldConfig;
  readonly values: unknown[];
}

/**
 * Makes the fields of a table out of its rows, one `read` each; what a row does not have is an empty cell. The look is a
 * unit of Grafana's or more than that.
 */
export function columnsOf<Row>(rows: readonly Row[]) {
  return (name: string, type: FieldType, read: (row: Row) => unknown, look: string | Look = {}): Column => ({
    name,
    type,
    config: typeof look === 'string' ? { unit: look } : configOf(look),
    values: rows.map((row) => read(row) ?? null),
  });
}

function configOf({ unit, decimals, width, wrap, pills, hidden, shownAs, links, description }: Look): FieldConfig {
  const custom = {
    ...(width === undefined ? {} : { width }),
    ...(hidden === true ? { hidden: true, hideFrom: { viz: true, legend: true, tooltip: true } } : {}),
    // Up to Grafana 12.3 the kind of cell says whether it wraps, then the column does.
    ...(wrap === true ? { wrapText: true, cellOptions: { type: 'auto', wrapText: true } } : {}),
    ...(pills === undefined ? {} : { cellOptions: { type: 'pill' } }),
  };
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(decimals === undefined ? {} : { decimals }),
    ...(Object.keys(custom).length === 0 ? {} : { custom }),
    ...(pills === undefined ? {} : { mappings: [coloured(pills)] }),
    ...(shownAs === undefined ? {} : { mappings: [replaced(shownAs)] }),
    ...(links === undefined ? {} : { links: [...links] }),
    ...(description === undefined ? {} : { description }),
  };
}

const coloured = (pills: Readonly<Record<string, string>>): ValueMapping => ({
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    Object.entries(pills).map(([word, color], index) => [word, { text: word, color, index }]),
  ),
});

const replaced = (text: string): ValueMapping => ({
  type: MappingType.RegexToText,
  options: { pattern: '/.+/', result: { text, index: 0 } },
});
