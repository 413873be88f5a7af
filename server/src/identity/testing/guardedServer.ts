import { Agent, request } from 'node:http';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { Hono } from 'hono';
import type { Config } from '../../config/config.ts';
import { type Listener, startListener } from '../../listen/httpServer.ts';
import { type IdentityEnv, identified } from '../identified.ts';
import { createIdentify } from '../identify.ts';
import { API_ROUTES } from '../routes.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A listener whose every route answers with the reader that got there. */
export interface GuardedServer {
  /** So many requests reached a handler. */
  readonly handled: number;
  /** The target goes out as it is given, without any normalisation. */
  send(method: string, target: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export async function startGuardedServer(
  config: Config,
  clocks: { readonly now?: () => number; readonly elapsed?: () => number } = {},
): Promise<GuardedServer> {
  let handled = 0;
  const app = new Hono<IdentityEnv>();
  app.use(
    identified({
      identify: createIdentify(config, { log: silentLog, recorder: silentRecorder, ...clocks }),
      routes: API_ROUTES,
      recorder: silentRecorder,
    }),
  );
  for (const route of Object.keys(API_ROUTES)) {
    const [method = '', path = ''] = route.split(' ');
    app.on(method, path, (c) => {
      handled += 1;
      return c.json({ route, reader: c.get('reader') });
    });
  }
  // Somebody forgot to say who may.
  app.get('/forgotten', (c) => {
    handled += 1;
    return c.text('open');
  });
  const plain = new Hono();
  plain.route('/', app);
  const listener: Listener = await startListener(
    'api',
    { host: '127.0.0.1', port: 0 },
    config.limits,
    plain,
    silentRecorder,
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    get handled() {
      return handled;
    },
    send: (method, target, headers = {}) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          { host: listener.host, port: listener.port, method, path: target, headers, agent },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () =>
              resolve({
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                body: Buffer.concat(chunks).toString('utf8'),
              }),
            );
          },
        );
        outgoing.on('error', reject);
        outgoing.end();
      }),
    async close() {
      agent.destroy();
      await listener.close(0);
    },
  };
}
