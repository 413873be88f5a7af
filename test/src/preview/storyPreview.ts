import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@aisix-observability/server';
import { replayChanges } from '../demo/changes.ts';
import { DEMO_BUCKET, DEMO_PREFIX, DEMO_WEBHOOK, demoConfig } from '../demo/configuration.ts';
import { createGatewayConfig } from '../demo/gatewayConfig.ts';
import { replayStory } from '../demo/replay.ts';
import { startOtlpSink } from '../fakes/otlpSink.ts';
import { createHttpSend } from '../gateway/httpSend.ts';
import type { ObjectStoreTarget } from '../gateway/senders.ts';
import { RECORDED_OTLP_TOKEN, RECORDED_SIGNING } from '../recordings/index.ts';
import { type GrafanaStandIn, startGrafanaStandIn } from './grafanaStandIn.ts';
import { previewFiles } from './previewFiles.ts';

const STORY = 'story';

export interface StoryPreview {
  readonly standIn: GrafanaStandIn;
  readonly server: RunningServer;
  /** Where a data plane uploads its usage events. */
  readonly objectStore: ObjectStoreTarget;
  /** Where audit events are posted, signed. */
  readonly webhookUrl: string;
  close(): Promise<void>;
}

/** The recorded evening of a gateway in a server, with its preview beside it and nothing that goes on: for tests and pictures. */
export async function startStoryPreview(endAt = Date.now()): Promise<StoryPreview> {
  await using cleanup = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'aisix-preview-'));
  cleanup.defer(() => rm(dir, { recursive: true, force: true }));
  let serverUrl: string | undefined;
  const standIn = await startGrafanaStandIn({ files: previewFiles, serverUrl: () => serverUrl });
  cleanup.defer(() => standIn.close());
  const sink = await startOtlpSink({ onAccepted: () => undefined });
  cleanup.defer(() => sink.close());
  const cacheFile = join(dir, 'config_cache.json');
  createGatewayConfig(cacheFile, STORY);
  const grafana = standIn.grafanaEntry(['prod']);
  const server = await startServer(demoConfig(join(dir, 'data'), sink.url, cacheFile, grafana), {
    log: () => undefined,
  });
  cleanup.defer(() => server.close());
  serverUrl = `http://${server.api.host}:${server.api.port}`;
  const ingestUrl = `http://${server.ingest.host}:${server.ingest.port}`;
  const http = createHttpSend();
  cleanup.defer(() => http.close());
  const { signal } = new AbortController();
  let refused = 0;
  const onRefused = () => {
    refused += 1;
  };
  const objectStore: ObjectStoreTarget = {
    baseUrl: ingestUrl,
    send: http.send,
    bucket: DEMO_BUCKET,
    prefix: DEMO_PREFIX,
    ...RECORDED_SIGNING,
    now: Date.now,
  };
  const webhookUrl = `${ingestUrl}${DEMO_WEBHOOK}`;
  let changes: Promise<void> | undefined;
  await replayStory({
    story: STORY,
    targets: {
      objectStore,
      otlp: { baseUrl: ingestUrl, send: http.send, token: RECORDED_OTLP_TOKEN },
    },
    endAt,
    signal,
    onRefused,
    onBegin: (shift) => {
      changes = replayChanges(STORY, shift, { url: webhookUrl, signal, onRefused });
    },
    onProgress: () => undefined,
  });
  await changes;
  if (refused > 0) throw new Error(`${refused} deliveries of the story were refused.`);
  const owned = cleanup.move();
  return { standIn, server, objectStore, webhookUrl, close: () => owned.disposeAsync() };
}
