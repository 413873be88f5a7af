import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { Dashboard } from './dashboards/Dashboard.tsx';
import { Explore } from './explore/Explore.tsx';
import { type Host, HostContext } from './run/contextOf.ts';
import { Settings } from './settings/Settings.tsx';
import { type PageLink, Shell } from './shell/Shell.tsx';

const THEME = 'aisix.preview.theme';

export function App({ host }: { readonly host: Host }) {
  const [isLight, setLight] = useState(document.documentElement.dataset.theme === 'light');
  const theme = useMemo(() => createTheme({ colors: { mode: isLight ? 'light' : 'dark' } }), [isLight]);
  useEffect(() => {
    document.documentElement.dataset.theme = isLight ? 'light' : 'dark';
    localStorage.setItem(THEME, isLight ? 'light' : 'dark');
  }, [isLight]);
  const path = useSyncExternalStore(onHash, () => decodeURIComponent(location.hash.slice(1)) || '/explore');
  const dashboards = (host.boot.plugin.includes ?? []).filter(({ type }) => type === 'dashboard');
  const pages: PageLink[] = [
    { path: '/explore', title: 'Explore' },
    ...dashboards.map(({ name, path: file }) => ({ path: `/${file}`, title: shortTitle(name) })),
    { path: '/settings', title: 'Settings' },
  ];
  const [current] = path.split('?');
  const dashboard = dashboards.find(({ path: file }) => `/${file}` === current);
  return (
    <HostContext.Provider value={host}>
      <ThemeContext.Provider value={theme}>
        <GlobalStyles />
        <Shell pages={pages} current={current ?? ''} isLight={isLight} onTheme={() => setLight(!isLight)}>
          {dashboard !== undefined ? (
            <Dashboard key={path} file={dashboard.path} parameters={path.split('?')[1] ?? ''} />
          ) : current === '/settings' ? (
            <Settings />
          ) : (
            <Explore key={path} parameters={path.split('?')[1] ?? ''} />
          )}
        </Shell>
        <PortalContainer />
      </ThemeContext.Provider>
    </HostContext.Provider>
  );
}

/** Of `AISIX models, providers and caller keys` the first word that tells it from the others. */
const shortTitle = (name: string) =>
  (name.replace(/^AISIX /, '').split(/,| and /)[0] ?? name).replace(/^./, (first) => first.toUpperCase());

function onHash(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}
