/** Ledger and annotations of the bridge until they are killed: `node bridgeProcess.ts <directory> <url of Grafana>`. */
import { createGrafanaAnnotations, openLedger } from '@aisix-observability/audit-bridge';
import type { Log } from '@aisix-observability/pipeline';
import { FAKE_TOKEN } from '../../fakes/grafanaAnnotations.ts';
import type { FromBridge, ToBridge } from './messages.ts';

const [directory = '', url = ''] = process.argv.slice(2);
const tell = (message: FromBridge): void => void process.send?.(message);
/** Faults of the target are what this is about; everything else must not happen. */
const log: Log = (level, message, fields) => {
  if (level === 'error' && fields?.target === undefined)
    tell({ type: 'complaint', message, fields: String(fields?.error) });
};

const ledger = openLedger(`${directory}/ledger.db`, { log });
const annotations = createGrafanaAnnotations({
  path: `${directory}/markers.db`,
  source: ledger,
  targets: [{ name: 'grafana', url, token: FAKE_TOKEN, orgId: 1, detail: 'named' }],
  requestTimeoutMillis: 400,
  recheckMillis: 3_000,
  retry: { initialMillis: 10, maxMillis: 200 },
  blockedMillis: 100,
  log,
});

process.on('message', ({ batch, observations }: ToBridge) => {
  ledger.observe(observations).then(
    () => tell({ type: 'acknowledged', batch }),
    (error: unknown) => tell({ type: 'complaint', message: 'not observed', fields: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
setInterval(() => {
  const [health] = annotations.health();
  if (health === undefined) return;
  const behind = ledger.lastVersion() - annotations.position();
  tell({ type: 'status', waiting: health.waiting, state: health.state, behind });
}, 100);
tell({ type: 'ready' });
