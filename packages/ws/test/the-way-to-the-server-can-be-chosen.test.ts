import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createWsServer } from '../src/index.ts';
import { basicUser, connect, echo, roundTrip, startServer } from './harness.ts';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

async function startTlsServer(): Promise<number> {
  const ws = createWsServer({ authenticate: basicUser });
  echo(ws);
  const https = createServer({ key: fixture('localhost-key.pem'), cert: fixture('localhost-cert.pem') });
  https.on('upgrade', (request, socket, head) => ws.handleUpgrade(request, socket, head));
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  onTestFinished(() => {
    https.close();
    https.closeAllConnections();
  });
  return (https.address() as AddressInfo).port;
}

it('trusts an authority of its own', async () => {
  const client = connect(`wss://127.0.0.1:${await startTlsServer()}/ws`, { ca: fixture('localhost-cert.pem') });
  await roundTrip(client);
});

it('rejects a certificate of an unknown authority', async () => {
  const client = connect(`wss://127.0.0.1:${await startTlsServer()}/ws`);
  expect((await once(client, 'error'))[0]).toMatchObject({
    code: 'connect_failed',
    message: expect.stringContaining('self-signed'),
  });
});

it('asks the given lookup for the address', async () => {
  const port = await startTlsServer();
  const asked: string[] = [];
  const client = connect(`wss://rtcd.test:${port}/ws`, {
    ca: fixture('localhost-cert.pem'),
    lookup: (host, options, callback) => {
      asked.push(host);
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
  });
  await roundTrip(client);
  expect(asked).toEqual(['rtcd.test']);
});

it('connects through the given agent', async () => {
  const { ws, port } = await startServer();
  echo(ws);
  class PinnedAgent extends Agent {
    override createConnection() {
      return connectTcp(port, '127.0.0.1');
    }
  }
  const agent = new PinnedAgent();
  onTestFinished(() => agent.destroy());
  await roundTrip(connect('ws://one-of-many.test/ws', { agent }));
});
