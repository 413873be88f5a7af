import { cacheFieldDisplayNames, type DataFrame, type Field, type LinkModel } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useMemo } from 'react';
import { type FieldConfigSource, prepareFields } from '../chart/prepareFields.ts';
import { type FilledLink, linksOf } from '../logs/fillLink.ts';
import type { RowActions } from '../logs/LogDetails.tsx';

interface Props {
  readonly frame: DataFrame;
  readonly width: number;
  readonly height: number;
  readonly fieldConfig: FieldConfigSource;
  readonly onOpen: RowActions['onOpen'];
  /** Whether links to queries are left out, as on dashboards for who has no Explore. */
  readonly withoutExplore?: boolean;
}

/** One frame in Grafana's table. */
export function FrameTable({ frame, width, height, fieldConfig, onOpen, withoutExplore = false }: Props) {
  const theme = useTheme2();
  const prepared = useMemo(() => {
    const [whole] = prepareFields([frame], fieldConfig, theme);
    if (whole === undefined) return undefined;
    // The table reads names from there.
    cacheFieldDisplayNames([whole]);
    const fields = whole.fields.map((field) => linked(field, whole, onOpen, withoutExplore));
    return { ...whole, fields };
  }, [frame, fieldConfig, theme, onOpen, withoutExplore]);
  if (prepared === undefined || width <= 0 || height <= 0) return null;
  return <TableNG data={prepared} width={width} height={height} columnMinWidth={90} />;
}

/** The field with its links, of which the table asks row by row. */
function linked(field: Field, frame: DataFrame, onOpen: RowActions['onOpen'], withoutExplore: boolean): Field {
  if ((field.config.links?.length ?? 0) === 0) return field;
  const modelOf = ({ title, query, url }: FilledLink): LinkModel<Field> => ({
    title,
    href: url,
    target: '_self',
    origin: field,
    ...(query === undefined ? {} : { onClick: () => onOpen(title, query) }),
  });
  const getLinks = ({ valueRowIndex = 0 }: { readonly valueRowIndex?: number }) =>
    linksOf(field, frame, valueRowIndex)
      .filter(({ query }) => query === undefined || !withoutExplore)
      .map(modelOf);
  return { ...field, getLinks };
}
