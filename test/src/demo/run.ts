import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@aisix-observability/server';
import { startOtlpSink } from '../fakes/otlpSink.ts';
import { createHttpSend } from '../gateway/httpSend.ts';
import { DEFAULT_KEYS } from '../gateway/world.ts';
import { type GrafanaStandIn, startGrafanaStandIn } from '../preview/grafanaStandIn.ts';
import { previewFiles } from '../preview/previewFiles.ts';
import { loadMeta, RECORDED_OTLP_TOKEN, RECORDED_SIGNING } from '../recordings/index.ts';
import { apiExamples } from './apiExamples.ts';
import { createBoard } from './board.ts';
import { makeChanges, replayChanges } from './changes.ts';
import { commandConfig, DEMO_BUCKET, DEMO_PREFIX, DEMO_WEBHOOK, demoConfig } from './configuration.ts';
import { createGatewayConfig } from './gatewayConfig.ts';
import { runLive } from './live.ts';
import type { DemoOptions } from './options.ts';
import { createPainter } from './painter.ts';
import { previewInvitation } from './previewInvitation.ts';
import { receivedChanges } from './receivedChange.ts';
import { receivedSpans } from './receivedSpan.ts';
import { type ReplayTargets, replayStory } from './replay.ts';
import type { Phase, Scene } from './view/screen.ts';
import { summary } from './view/summary.ts';

const STORY = 'story';
const SEED = 7;

/** The whole demo; resolves when it has ended and left nothing behind. Rejects when the server cannot start or fails. */
export async function runDemo(options: DemoOptions, out: NodeJS.WriteStream, stop: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  const board = createBoard();
  const keyName = callerKeyNames();
  let phase: Phase = { name: 'starting' };
  let refused = 0;
  let deliveries = 0;
  let notice: string | undefined;
  let server: RunningServer | undefined;
  let preview: GrafanaStandIn | undefined;

  const scene = (): Scene => ({
    phase,
    // As many as the highest terminal shows.
    requests: board.newest(100),
    changes: board.changes(100),
    failure: board.failure(Date.now()),
    totals: board.totals(Date.now()),
    refused,
    elapsedMs: Date.now() - startedAt,
    ...(notice !== undefined && { notice }),
    ...(server !== undefined && { ingestUrl: `http://${server.ingest.host}:${server.ingest.port}` }),
    ...(preview !== undefined && { previewUrl: preview.url }),
  });

  await using cleanup = new AsyncDisposableStack();
  const painter = createPainter(out, scene, keyName);
  cleanup.defer(() => painter.close());
  const dir = await mkdtemp(join(tmpdir(), 'aisix-demo-'));
  // Also when somebody stops the process twice, or the terminal is gone.
  const removeAtExit = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  cleanup.defer(async () => {
    await rm(dir, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  });
  const sink = await startOtlpSink({
    onAccepted({ path, document }) {
      if (path === '/v1/logs') board.addChanges(receivedChanges(document));
      else board.add(receivedSpans(document), Date.now());
    },
  });
  cleanup.defer(() => sink.close());
  const cacheFile = join(dir, 'config_cache.json');
  const gatewayConfig = createGatewayConfig(cacheFile, STORY);
  if (options.preview) {
    const serverUrl = () => (server === undefined ? undefined : `http://${server.api.host}:${server.api.port}`);
    // Plugin and page are built when somebody looks.
    preview = await startGrafanaStandIn({ files: previewFiles, serverUrl });
    cleanup.defer(async () => preview?.close());
  }
  const grafana = preview?.grafanaEntry(['prod']);
  const configFile = join(dir, 'config.yaml');
  await writeFile(configFile, commandConfig(join(dir, 'data')));
  server = await startServer(demoConfig(join(dir, 'data'), sink.url, cacheFile, grafana), {
    log: (level, message) => {
      if (level === 'warn' || level === 'error') notice = message;
    },
  });
  const running = server;
  painter.say(apiExamples(`http://${running.api.host}:${running.api.port}`, configFile, startedAt));
  if (preview !== undefined) painter.say(previewInvitation(preview.url));
  cleanup.defer(() => running.close());
  const http = createHttpSend();
  cleanup.defer(() => http.close());

  const ends =
    options.seconds === undefined
      ? []
      : [AbortSignal.timeout(Math.max(0, options.seconds * 1000 - (Date.now() - startedAt)))];
  const failing = new AbortController();
  const signal = AbortSignal.any([stop, failing.signal, ...ends]);
  const failure = running.failed.then((error) => {
    failing.abort();
    return error;
  });

  const baseUrl = `http://${running.ingest.host}:${running.ingest.port}`;
  const targets: ReplayTargets = {
    objectStore: {
      baseUrl,
      send: http.send,
      bucket: DEMO_BUCKET,
      prefix: DEMO_PREFIX,
      ...RECORDED_SIGNING,
      now: Date.now,
    },
    otlp: { baseUrl, send: http.send, token: RECORDED_OTLP_TOKEN },
  };
  const onRefused = () => {
    refused += 1;
  };
  const changes = { url: `${baseUrl}${DEMO_WEBHOOK}`, signal, onRefused };
  let storyChanges: Promise<void> | undefined;
  await replayStory({
    story: STORY,
    targets,
    endAt: Date.now(),
    signal,
    onRefused,
    onBegin: (shiftMs) => {
      storyChanges = replayChanges(STORY, shiftMs, changes);
    },
    onProgress: (done, of) => {
      phase = { name: 'replay', done, of };
      deliveries = done;
    },
  });
  await storyChanges;
  if (!signal.aborted) {
    phase = { name: 'live' };
    board.liveSince(Date.now());
    const onDelivered = () => {
      deliveries += 1;
    };
    await Promise.all([
      runLive({ targets, ratePerSecond: options.rate, seed: SEED, now: Date.now, signal, onRefused, onDelivered }),
      makeChanges(gatewayConfig, Date.now, changes),
    ]);
  }

  phase = { name: 'stopping' };
  painter.paint();
  const cause = failing.signal.aborted ? await failure : undefined;
  await running.close();
  painter.close();
  const overall = board.overallFreshness();
  const facts = {
    totals: board.totals(Date.now()),
    refused,
    deliveries,
    elapsedMs: Date.now() - startedAt,
    ...(overall !== undefined && { freshness: overall }),
  };
  await cleanup.disposeAsync();
  out.write(`\n${summary(facts, painter.palette)}\n`);
  if (cause !== undefined) throw cause;
}

/** Names of the caller keys: of the recorded story and of the simulated gateway, which are the same people. */
function callerKeyNames(): (id: string) => string {
  const recorded = Object.entries(loadMeta(STORY).ids)
    .filter(([name]) => name.startsWith('api_keys/'))
    .map(([name, id]) => [id, name.slice('api_keys/'.length)] as const);
  const names = new Map([...DEFAULT_KEYS.map((key) => [key.id, key.name] as const), ...recorded]);
  return (id) => names.get(id) ?? id.slice(0, 8);
}
