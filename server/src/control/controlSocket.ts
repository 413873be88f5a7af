import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { relative } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

/** Addresses of local sockets are at most 107 bytes on Linux and 103 on macOS, whatever the file system allows. */
const MAX_SOCKET_PATH_BYTES = 103;

/** The shorter of the absolute and the relative path; `undefined` when both are too long for a socket. */
export function socketAddress(path: string, cwd = process.cwd()): string | undefined {
  const address = [path, relative(cwd, path)].toSorted((a, b) => a.length - b.length)[0] ?? path;
  return Buffer.byteLength(address) <= MAX_SOCKET_PATH_BYTES ? address : undefined;
}

/** Serves `app` on a socket that only the owner may open. A file that a killed server left there is replaced. */
export async function startControlSocket(address: string, app: Hono): Promise<{ close(): Promise<void> }> {
  rmSync(address, { force: true });
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    createServer,
  }) as Server;
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // The socket file is made within this call, so nobody else can open it before the mode is right.
      server.listen(address, resolve);
      process.umask(before);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(address, 0o600);
  return {
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      rmSync(address, { force: true });
    },
  };
}
