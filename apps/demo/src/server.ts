import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { serveBrowserSockets } from './browser-sockets.ts';
import { CallRelay } from './call-relay.ts';
import { loadCredentials } from './credentials.ts';
import { DemoError } from './errors.ts';
import { bundlePage } from './page-bundle.ts';
import { connectToRtcd } from './rtcd-link.ts';
import { createWebApp } from './web-app.ts';

export interface DemoServerOptions {
  /** Address to listen on; loopback by default. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly rtcdURL: string;
  /** Secret key of rtcd's admin: lets each page show what rtcd knows about its session. */
  readonly adminSecret?: string;
  /** The file that keeps this installation's credentials for rtcd. */
  readonly credentialsFile: string;
  /** Takes one line per thing worth knowing. */
  readonly log?: (line: string) => void;
}

export interface DemoServer {
  /** The URL to open in a browser. */
  readonly url: string;
  /** Ends all calls and lets go of rtcd. */
  close(): Promise<void>;
}

/** Starts the demo: the page, its signaling, and the connection to rtcd. Throws `DemoError`. */
export async function startDemoServer(options: DemoServerOptions): Promise<DemoServer> {
  const { host = '127.0.0.1', port = 0, rtcdURL, adminSecret, credentialsFile, log = () => undefined } = options;
  const [files, credentials] = await Promise.all([bundlePage(), loadCredentials(credentialsFile)]);
  const link = await connectToRtcd(
    { url: rtcdURL, adminSecret, ...credentials },
    { onMessage: (message) => relay.receiveFromService(message), onChange: () => relay.serviceChanged(), log },
  );
  const relay = new CallRelay(link);
  const server = createAdaptorServer({ fetch: createWebApp(files).fetch }) as Server;
  const endSockets = serveBrowserSockets(server, relay);
  try {
    await listen(server, host, port);
  } catch (error) {
    endSockets();
    await link.close();
    throw error;
  }
  return {
    url: urlOf(server),
    close: async () => {
      relay.close();
      endSockets();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await link.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = `${host}:${port} is taken by another program: stop it, or choose another port with --port`;
      reject(
        cause.code === 'EADDRINUSE'
          ? new DemoError('address_in_use', taken, { cause })
          : new DemoError('listen_failed', `cannot listen on ${host}:${port}: ${cause.message}`, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  const anywhere = address === '0.0.0.0' || address === '::';
  const host = anywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}/`;
}
