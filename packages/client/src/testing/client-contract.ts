import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { newID } from '@rtcd/protocol';
import { sampleSessionConfig } from '@rtcd/protocol/testing';
import { RtcdClient } from '../client.ts';
import type { RtcdClientConfig } from '../config.ts';

/** The two functions of the test runner that the suite uses. */
export interface ClientContractSuite {
  /** Groups the tests that `define` defines. */
  describe(name: string, define: () => void): unknown;
  /** Defines a test, which fails if `run` rejects. */
  it(name: string, run: () => Promise<void>): unknown;
}

/** An rtcd that allows self-registration. One may serve all tests: they use new ids. */
export interface ClientContractServer {
  readonly url: string;
  /** Called after each test; a server that serves all of them does nothing. */
  close(): Promise<void>;
}

/**
 * Contract of an rtcd with its clients, fake or real, over real sockets; the contract's sections in the names of the tests.
 * Tests run one at a time.
 */
export function clientContract(
  { describe, it }: ClientContractSuite,
  start: () => Promise<ClientContractServer>,
): void {
  const test = (name: string, run: (bench: Bench) => Promise<void>) =>
    it(name, async () => {
      const server = await start();
      const bench = new Bench(server.url);
      try {
        await run(bench);
      } finally {
        await bench.close();
        await server.close();
      }
    });

  describe('client contract', () => {
    test('section 1: /version has the six texts', async (bench) => {
      const info = await bench.client().getVersionInfo();
      const keys = ['buildDate', 'buildHash', 'buildVersion', 'goArch', 'goOS', 'goVersion'];
      assert.deepEqual(Object.keys(info).sort(), keys);
    });

    test('section 1: /system reports the load', async (bench) => {
      const { cpuLoad } = await bench.client().getSystemInfo();
      assert.ok(Number.isFinite(cpuLoad) && cpuLoad >= 0, `cpuLoad is ${cpuLoad}`);
    });

    test('section 1: a registered client can connect, and again after closing', async (bench) => {
      const credentials = newCredentials();
      await bench.client(credentials).register();
      const first = bench.client(credentials);
      await first.connect();
      await first.close();
      await bench.client(credentials).connect();
    });

    test('section 1: registration is refused for a short key, then for no id, then for a known id', async (bench) => {
      const client = bench.client(newCredentials());
      const refused = (message: string) => ({ code: 'request_failed', status: 400, message });
      await assert.rejects(
        client.register({ clientID: '', authKey: 'x'.repeat(31) }),
        refused('request failed: registration failed: key not long enough'),
      );
      await assert.rejects(
        client.register({ clientID: '', authKey: 'x'.repeat(32) }),
        refused('request failed: registration failed: error: empty key'),
      );
      await client.register();
      await assert.rejects(client.register(), refused('request failed: registration failed: already registered'));
    });

    test('section 1: a key of 32 bytes is long enough, whatever its number of characters', async (bench) => {
      const { clientID } = newCredentials();
      await bench.client().register({ clientID, authKey: 'é'.repeat(16) });
    });

    test('section 1: a client that is not registered, or has another key, cannot connect', async (bench) => {
      const credentials = newCredentials();
      const unauthorized = { code: 'unauthorized', status: 401 };
      await assert.rejects(bench.client(credentials).connect(), unauthorized);
      await bench.client(credentials).register();
      await assert.rejects(bench.client({ ...credentials, authKey: newKey() }).connect(), unauthorized);
    });

    test('section 1: a client unregisters itself and no other', async (bench) => {
      const [one, other] = [await bench.registered(), await bench.registered()];
      await assert.rejects(one.client.unregister({ clientID: other.clientID }), {
        status: 403,
        message: 'request failed: client id not valid',
      });
      await assert.rejects(one.client.unregister({ clientID: '' }), {
        status: 400,
        message: 'request failed: client id should not be empty',
      });
      await one.client.unregister();
      await assert.rejects(one.client.connect(), { code: 'unauthorized' });
      await other.client.connect();
    });

    test('section 3: hello names the client and a connection of 26 characters', async (bench) => {
      const { client, clientID } = await bench.registered();
      const hello = once(client, 'message');
      await client.connect();
      const [message] = await hello;
      assert.deepEqual(message, { type: 'hello', data: { clientID, connID: client.connID } });
      assert.match(client.connID ?? '', /^[ybndrfg8ejkmcpqxot1uwisza345h769]{26}$/);
    });

    test('sections 1 and 3: a session that has joined is in the call, with its whole config', async (bench) => {
      const { client, clientID } = await bench.connected();
      const props = { channelID: newID(), av1Support: true, dcSignaling: true };
      const session = sampleSessionConfig({ groupID: clientID, props });
      join(client, session);
      await handled(client);
      assert.deepEqual(await client.getSessions(session.callID), [session]);
      assert.deepEqual(await client.getSession(session.callID, session.sessionID), session);
    });

    test('section 1: unknown calls and sessions are 404, strangers get 401', async (bench) => {
      const { client, clientID } = await bench.connected();
      const session = sampleSessionConfig({ groupID: clientID });
      const configs = /^request failed: failed to get session configs: /;
      await assert.rejects(client.getSessions(session.callID), { status: 404, message: configs });
      join(client, session);
      await handled(client);
      await assert.rejects(client.getSession(session.callID, newID()), {
        status: 404,
        message: /^request failed: failed to get session config: /,
      });
      await assert.rejects(bench.client(newCredentials()).getSessions(session.callID), {
        status: 401,
        message: 'request failed: unauthorized',
      });
    });

    test('section 3: a client that leaves is informed that the session is closed', async (bench) => {
      const { client, clientID } = await bench.connected();
      const session = sampleSessionConfig({ groupID: clientID });
      const closed = once(client, 'sessionClosed');
      join(client, session);
      client.leave(session.sessionID);
      assert.deepEqual(await closed, [session.sessionID]);
      await assert.rejects(client.getSessions(session.callID), { status: 404 });
    });

    test('section 3: a session id joins a call once', async (bench) => {
      const { client, clientID } = await bench.connected();
      const session = sampleSessionConfig({ groupID: clientID });
      join(client, session);
      join(client, { ...session, userID: newID() });
      await handled(client);
      assert.deepEqual(await client.getSessions(session.callID), [session]);
    });

    test("section 3: a client reaches no other client's sessions", async (bench) => {
      const [one, other] = [await bench.connected(), await bench.connected()];
      const session = sampleSessionConfig({ groupID: one.clientID });
      join(one.client, session);
      await handled(one.client);
      other.client.reconnect(session.sessionID);
      other.client.leave(session.sessionID);
      await handled(other.client);
      await assert.rejects(other.client.getSessions(session.callID), { status: 404 });
      assert.deepEqual(await one.client.getSessions(session.callID), [session]);
    });

    test('sections 3 and 8: sessions survive the connection and follow the client to the next one', async (bench) => {
      const { client, clientID } = await bench.connected();
      const session = sampleSessionConfig({ groupID: clientID });
      join(client, session);
      await handled(client);
      const firstConnID = client.connID;
      const connected = once(client, 'connected');
      bench.cutConnections();
      const [{ connID, reconnected }] = await connected;
      assert.ok(reconnected && connID !== firstConnID);
      await handled(client);
      assert.deepEqual(await client.getSessions(session.callID), [session]);
      const closed = once(client, 'sessionClosed');
      client.leave(session.sessionID);
      assert.deepEqual(await closed, [session.sessionID]);
    });

    test("section 3: reconnect moves a session's messages to another connection of the client", async (bench) => {
      const { client: one, credentials, clientID } = await bench.connected();
      const other = bench.client(credentials);
      await other.connect();
      const session = sampleSessionConfig({ groupID: clientID });
      join(one, session);
      await handled(one);
      other.reconnect(session.sessionID);
      await handled(other);
      const closed = once(other, 'sessionClosed');
      one.leave(session.sessionID);
      assert.deepEqual(await closed, [session.sessionID]);
    });

    test('section 3: queued messages are sent before the client closes', async (bench) => {
      const { client, credentials, clientID } = await bench.connected();
      const sessions = Array.from({ length: 100 }, () => sampleSessionConfig({ groupID: clientID, callID: 'call' }));
      for (const session of sessions) join(client, session);
      await client.close();
      const other = bench.client(credentials);
      await other.connect();
      await handled(other);
      assert.equal((await other.getSessions('call')).length, sessions.length);
    });

    test('section 8: a client that is not registered registers on demand', async (bench) => {
      const client = bench.client({ ...newCredentials(), registerOnDemand: true });
      await client.connect();
      assert.equal(client.phase, 'connected');
    });
  });
}

interface Credentials {
  readonly clientID: string;
  readonly authKey: string;
}

const newKey = () => newID() + newID();
const newCredentials = (): Credentials => ({ clientID: newID(), authKey: newKey() });

/** The clients of one test, all of whose connections can be cut. */
class Bench {
  readonly #url: string;
  readonly #clients: RtcdClient[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(url: string) {
    this.#url = url;
  }

  client(config: Partial<RtcdClientConfig> = {}): RtcdClient {
    const dial = (host: string, port: number) => {
      const socket = connect({ host, port });
      this.#sockets.add(socket);
      return socket.once('close', () => this.#sockets.delete(socket));
    };
    const client = new RtcdClient({ url: this.#url, dial, reconnectIntervalMs: 1, ...config });
    this.#clients.push(client);
    return client;
  }

  async registered(): Promise<{ client: RtcdClient; clientID: string; credentials: Credentials }> {
    const credentials = newCredentials();
    const client = this.client(credentials);
    await client.register();
    return { client, credentials, clientID: credentials.clientID };
  }

  async connected(): ReturnType<Bench['registered']> {
    const registered = await this.registered();
    await registered.client.connect();
    return registered;
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

function join(client: RtcdClient, { callID, userID, sessionID, props }: ReturnType<typeof sampleSessionConfig>): void {
  client.join({ callID, userID, sessionID, ...props });
}

/** Resolves when rtcd has handled all that was sent before: a connection's messages are handled in order. */
async function handled(client: RtcdClient): Promise<void> {
  const probe = sampleSessionConfig();
  const { promise, resolve } = Promise.withResolvers<void>();
  const onClosed = (sessionID: string) => sessionID === probe.sessionID && resolve();
  client.on('sessionClosed', onClosed);
  join(client, probe);
  client.leave(probe.sessionID);
  await promise;
  client.off('sessionClosed', onClosed);
}
