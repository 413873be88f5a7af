import { initPluginTranslations } from '@grafana/i18n';
import { createRoot } from 'react-dom/client';
import type { PreviewBoot } from '../bootData.ts';
import { App } from './App.tsx';
import { loadPlugin } from './grafana/loadPlugin.ts';
import { setDataSource, setSingletons } from './grafana/singletons.ts';

/** Sets up what Grafana would, loads the built plugin, and draws the page. */
export async function startHost(boot: PreviewBoot): Promise<void> {
  await initPluginTranslations('grafana');
  setSingletons();
  const loaded = await loadPlugin(boot);
  setDataSource(loaded);
  const root = document.getElementById('root');
  if (root !== null) createRoot(root).render(<App host={{ ...loaded, boot }} />);
}
