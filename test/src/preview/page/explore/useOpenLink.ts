import type { DataQuery } from '@grafana/schema';
import { useCallback } from 'react';
import type { OpenLink } from '../chart/MarkerTooltip.tsx';
import { linkedQuery, linkedUrl } from '../logs/fillLink.ts';

/** Follows a link: one to a query is opened beside what is shown, any other in a tab of its own. */
export function useOpenLink(onOpen: (title: string, query: DataQuery) => void): OpenLink {
  return useCallback<OpenLink>(
    (link, value) => {
      const query = linkedQuery(link, value);
      if (query !== undefined) onOpen(link.title, query);
      else window.open(linkedUrl(link, value), '_blank', 'noopener,noreferrer');
    },
    [onOpen],
  );
}
