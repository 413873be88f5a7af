import type { DataQuery } from '@grafana/schema';
import { useCallback } from 'react';
import type { OpenLink } from '../chart/MarkerTooltip.tsx';

/** Follows a link: one to a query is opened beside what is shown, any other in a tab of its own. */
export function useOpenLink(onOpen: (title: string, query: DataQuery) => void): OpenLink {
  return useCallback<OpenLink>(
    ({ title, query, url }) => {
      if (query !== undefined) onOpen(title, query);
      else window.open(url, '_blank', 'noopener,noreferrer');
    },
    [onOpen],
  );
}
