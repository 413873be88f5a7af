import type { PreviewBoot } from '../bootData.ts';

// Grafana's packages read these when they are loaded, so nothing of them may be imported before.

interface GrafanaWindow {
  grafanaBootData?: unknown;
  __grafana_public_path__?: string;
}

async function boot(): Promise<void> {
  const answer = await fetch('/preview/boot.json');
  const told: unknown = await answer.json();
  if (!answer.ok) throw new Error((told as { message?: string }).message ?? 'The preview could not be prepared.');
  const { role, grafanaVersion } = told as PreviewBoot;
  const theme = document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';
  const page: GrafanaWindow = window as GrafanaWindow;
  page.__grafana_public_path__ = '/public/';
  page.grafanaBootData = {
    settings: {
      appSubUrl: '',
      appUrl: location.origin,
      buildInfo: { version: grafanaVersion, edition: 'Open Source', env: 'production' },
      datasources: {},
      featureToggles: {},
      namespace: 'default',
    },
    user: {
      isSignedIn: true,
      login: role.toLowerCase(),
      name: role,
      orgId: 1,
      orgRole: role,
      permissions: {},
      theme,
      lightTheme: theme === 'light',
      timezone: 'browser',
      locale: 'en-US',
      language: 'en-US',
      weekStart: '',
    },
    navTree: [],
    assets: {},
  };
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = '/host/host.css';
  document.head.append(style);
  const { startHost } = await import('./host.tsx');
  await startHost(told as PreviewBoot);
  document.getElementById('waiting')?.remove();
}

boot().catch((error: unknown) => {
  const waiting = document.getElementById('waiting');
  if (waiting === null) return;
  waiting.setAttribute('role', 'alert');
  const text = document.createElement('pre');
  text.textContent = error instanceof Error ? error.message : 'The preview could not be prepared.';
  text.style.cssText = 'white-space: pre-wrap; text-align: left; max-width: 100ch';
  waiting.replaceChildren(text);
});
