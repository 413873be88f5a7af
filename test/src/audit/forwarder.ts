import type { AddressInfo } from 'node:net';
import { connect as connectTo, createServer, type Socket } from 'node:net';

/** `answers lost`: everything arrives, and nobody hears that it did. */
export type NetworkState = 'up' | 'down' | 'answers lost';

/** A network between an agent and a server that can be cut, whose address stays when the server gets another one. */
export interface Forwarder {
  readonly port: number;
  state: NetworkState;
  close(): void;
}

/** @param target host and port, asked for with each connection. */
export async function startForwarder(target: () => URL): Promise<Forwarder> {
  const open = new Set<Socket>();
  let state: NetworkState = 'up';
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    keep(client);
    if (state === 'down') {
      client.destroy();
      return;
    }
    const { hostname, port } = target();
    const upstream = connectTo(Number(port), hostname);
    keep(upstream);
    client.pipe(upstream);
    if (state === 'up') upstream.pipe(client);
    else upstream.once('data', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get state() {
      return state;
    },
    set state(next) {
      state = next;
      cut();
    },
    close() {
      cut();
      server.close();
    },
  };
}
