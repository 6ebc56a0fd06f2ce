import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RtcdClient } from '@rtcd/client';
import { decodeSessionDescription, type RtcMessage, RtcMessageType } from '@rtcd/protocol';
import type { Participant } from '@rtcd/rtc/testing';
import { expect, it, vi } from 'vitest';
import { createFastSfu, FAST_CLOCK } from './fast-clock.ts';
import { connectClient, handled, joinHeadless, startWithMedia, talk, untilHears } from './headless-calls.ts';

/** A client whose connection can be cut, and which comes back when it is let. Genuine plugins do not resume their sessions. */
async function startWithCuttableClient(resumeSessions = false) {
  const rtcd = await startWithMedia();
  const sockets: Socket[] = [];
  const comeBack = Promise.withResolvers<void>();
  const client = await connectClient(rtcd, 'client', {
    dial: (host, port) => {
      sockets.push(connect({ host, port }));
      return sockets.at(-1)!;
    },
    reconnectIntervalMs: 1,
    resumeSessions,
    onReconnect: () => comeBack.promise,
  });
  const cut = async () => {
    const disconnected = once(client, 'disconnected');
    for (const socket of sockets) socket.destroy();
    await disconnected;
  };
  return { rtcd, client, cut, comeBack: () => comeBack.resolve() };
}

/** Enough ups and downs for the voice detector. */
async function speakUp(speaker: Participant, senderID: string, listener: Participant): Promise<void> {
  const before = listener.received(senderID)?.packets ?? 0;
  for (let packet = 1; packet <= 100; packet++) {
    speaker.sendVoice(packet % 10 < 5 ? 20 : 90);
    await listener.heard(senderID, before + packet);
  }
}

/** Reports whether the last session of the call has ended. */
async function isOver(client: RtcdClient, callID: string): Promise<boolean> {
  try {
    await client.getSessions(callID);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ status: 404 });
    return true;
  }
}

const aboutVoice = ({ sessionID, type }: RtcMessage) => [sessionID, type];

it.each([
  ['says reconnect for its sessions', true],
  ['does not, like a genuine plugin', false],
])(
  'people continue to talk while their client is away, and everything else continues when it returns and %s',
  async (_, resumeSessions) => {
    const { client, cut, comeBack } = await startWithCuttableClient(resumeSessions);
    const alice = await joinHeadless(client, 'alice');
    const bob = await joinHeadless(client, 'bob');
    await untilHears(bob, 'alice', client);

    await cut();
    const voices: RtcMessage[] = [];
    client.on('vad', (message) => voices.push(message));
    await speakUp(alice, 'alice', bob);
    expect(bob.received('alice')).toMatchObject({ packets: 100, gaps: 0, corrupt: 0 });
    expect(await client.getSessions('call')).toHaveLength(2);

    const connected = once(client, 'connected');
    comeBack();
    expect(await connected).toMatchObject([{ reconnected: true }]);
    await handled(client);
    expect(voices.map(aboutVoice)).toEqual([['alice', RtcMessageType.VoiceOn]]);

    const ids = { groupID: '', callID: '', userID: '', sessionID: 'alice', data: new Uint8Array() };
    const muted = once(client, 'vad');
    client.sendRtc({ ...ids, type: RtcMessageType.Mute });
    expect((await muted).map(aboutVoice)).toEqual([['alice', RtcMessageType.VoiceOff]]);

    const carol = await joinHeadless(client, 'carol');
    await untilHears(alice, 'carol', client);
    await talk(carol, 'carol', alice, 3);

    const closed = once(client, 'sessionClosed');
    await bob.close();
    expect(await closed).toEqual(['bob']);
  },
);

it('a client that returns is informed of the sessions that ended while it was away', async () => {
  const { client, cut, comeBack } = await startWithCuttableClient();
  const peer = await joinHeadless(client, 'session');
  await cut();
  await peer.close();
  await vi.waitUntil(() => isOver(client, 'call'));
  const closed = once(client, 'sessionClosed');
  comeBack();
  expect(await closed).toEqual(['session']);
});

it("messages move at once to another connection of the client when the session's connection drops", async () => {
  const { rtcd, client, cut } = await startWithCuttableClient();
  const other = await connectClient(rtcd);
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(other, 'bob');
  await untilHears(bob, 'alice', other);

  await cut();
  const voice = once(other, 'vad');
  await speakUp(alice, 'alice', bob);
  expect((await voice).map(aboutVoice)).toEqual([['alice', RtcMessageType.VoiceOn]]);
  const closed = once(other, 'sessionClosed');
  await alice.close();
  expect(await closed).toEqual(['alice']);
});

it("a peer is signaled over another connection of its client when its session's connection drops", async () => {
  const { rtcd, client, cut } = await startWithCuttableClient();
  const other = await connectClient(rtcd);
  const current = () => (client.phase === 'connected' ? client : other);
  const alice = await joinHeadless(client, 'alice', { route: { clients: [client, other], current } });
  await cut();
  const bob = await joinHeadless(other, 'bob');
  await untilHears(alice, 'bob', other);
  await talk(bob, 'bob', alice, 3);
});

it('a user who was away for more than 30 s hears those who joined meanwhile, after a reconnect', async () => {
  const rtcd = await startWithMedia({ openSfu: createFastSfu });
  const [before, after] = [await connectClient(rtcd), await connectClient(rtcd)];
  let current: RtcdClient | undefined = before;
  const alice = await joinHeadless(before, 'alice', {
    clock: FAST_CLOCK,
    voice: false,
    route: { clients: [before, after], current: () => current },
  });
  current = undefined;
  let lostOffers = 0;
  const fourLost = Promise.withResolvers<void>();
  before.on('rtc', ({ sessionID, type, data }) => {
    if (sessionID === 'alice' && type === RtcMessageType.SDP && decodeSessionDescription(data).type === 'offer') {
      lostOffers += 1;
      if (lostOffers === 4) fourLost.resolve();
    }
  });
  const bob = await joinHeadless(after, 'bob', { clock: FAST_CLOCK });
  // The first one, two at intervals of 10 s, and one after a pause.
  await fourLost.promise;
  current = after;
  after.reconnect('alice');
  await untilHears(alice, 'bob', after);
  await talk(bob, 'bob', alice, 3);
  expect(lostOffers).toBe(4);
});
