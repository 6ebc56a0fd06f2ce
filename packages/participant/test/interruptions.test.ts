import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RtcdClient } from '@rtcd/client';
import { startRtcd } from 'rtcd/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Call, type LocalVoice, rtcdSignaling } from '../src/index.ts';
import { callOf, markedPacket, startService } from './stage.ts';

/** Sends packets until the listener has received so many more of this session. */
async function isHeard(listener: Call, sessionID: string, voice: LocalVoice, frames = 10): Promise<void> {
  const timer = setInterval(() => voice.send(markedPacket(1)), 20);
  const isMeant = () => listener.tracks.find((track) => track.sessionID === sessionID);
  while (!isMeant()) await once(listener, 'voice');
  for (let received = 0; received < frames; received++) await once(isMeant()!, 'frame');
  clearInterval(timer);
}

/** A client whose connections the test can cut. */
async function startCuttable() {
  const rtcd = await startRtcd();
  const sockets = new Set<Socket>();
  const client = new RtcdClient({
    url: rtcd.url,
    clientID: 'installation',
    authKey: 'a'.repeat(32),
    registerOnDemand: true,
    reconnectIntervalMs: 20,
    dial: (host, port) => {
      const socket = connect(port, host);
      sockets.add(socket);
      return socket;
    },
  });
  onTestFinished(async () => {
    await client.close();
    await rtcd.close();
  });
  await client.connect();
  /** Cuts the connection, and resolves once the client knows. */
  const cut = async () => {
    const disconnected = once(client, 'disconnected');
    for (const socket of sockets) socket.destroy();
    await disconnected;
  };
  return { client, cut, signaling: rtcdSignaling(client) };
}

describe('an ICE restart', () => {
  it.each([true, false])('is not heard (dcSignaling: %s)', async (dcSignaling) => {
    const join = callOf((await startService()).signaling, { dcSignaling });
    const [alice, bob] = [await join('alice'), await join('bob')];
    const voiceOfAlice = await alice.publishVoice();
    await isHeard(bob, 'alice', voiceOfAlice);
    const [track] = bob.tracks;
    await Promise.all([alice.restartIce(), isHeard(bob, 'alice', voiceOfAlice, 20)]);
    await bob.restartIce();
    await isHeard(bob, 'alice', voiceOfAlice, 20);
    expect(track!.stats?.packetsLost).toBe(0);
    // The data channel and negotiation work as before.
    await isHeard(alice, 'bob', await bob.publishVoice());
  });

  it('can be at the same time as offers of both sides', async () => {
    const join = callOf((await startService()).signaling);
    const alice = await join('alice');
    const [bob] = await Promise.all([join('bob'), alice.restartIce()]);
    const [voiceOfBob, voiceOfAlice] = await Promise.all([
      bob.publishVoice(),
      alice.publishVoice(),
      alice.restartIce(),
    ]);
    await isHeard(alice, 'bob', voiceOfBob);
    await isHeard(bob, 'alice', voiceOfAlice);
  });
});

describe('while the WebSocket of the client is down', () => {
  it('media flows, and what is published then is offered again when it is back', async () => {
    const { client, cut, signaling } = await startCuttable();
    const join = callOf(signaling, { dcSignaling: false });
    const [alice, bob] = [await join('alice'), await join('bob')];
    const voiceOfAlice = await alice.publishVoice();
    await isHeard(bob, 'alice', voiceOfAlice);
    const connected = once(client, 'connected');
    await cut();
    const published = bob.publishVoice();
    await isHeard(bob, 'alice', voiceOfAlice);
    await connected;
    await isHeard(alice, 'bob', await published);
  });

  it('unmuting reaches the SFU when it is back', async () => {
    const { client, cut, signaling } = await startCuttable();
    const join = callOf(signaling);
    const [alice, bob] = [await join('alice'), await join('bob')];
    const voice = await alice.publishVoice();
    await isHeard(bob, 'alice', voice);
    voice.mute();
    const connected = once(client, 'connected');
    await cut();
    voice.unmute();
    await connected;
    await isHeard(bob, 'alice', voice);
  });
});
