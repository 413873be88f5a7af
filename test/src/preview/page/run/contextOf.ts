import { createContext, useContext } from 'react';
import type { PreviewBoot } from '../../bootData.ts';
import type { LoadedPlugin } from '../grafana/loadPlugin.ts';

/** What every page of the preview is drawn with. */
export interface Host extends LoadedPlugin {
  readonly boot: PreviewBoot;
}

export const HostContext = createContext<Host | undefined>(undefined);

export function useHost(): Host {
  const host = useContext(HostContext);
  if (host === undefined) throw new Error('The page is drawn without its host.');
  return host;
}
