import { once } from 'node:events';
import { openPacketIo } from '@rtcd/packet-io';
import { encodeSessionDescription, type SessionDescription } from '@rtcd/protocol';
import { Participant } from '@rtcd/rtc/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CallsPlugin } from '../../../packages/client/examples/calls-plugin.ts';
import { startWithMedia, talk, untilHears } from './headless-calls.ts';
import { KEY } from './support.ts';

/** The browsers of the plugin's users: what each is told, and the peer that signaling is for. */
class Browsers {
  readonly events: string[] = [];
  readonly #peers = new Map<string, Participant>();

  send(userID: string, event: string, data: Record<string, unknown>): void {
    if (event === 'signal') {
      this.#peers.get(userID)?.receive(data.description as SessionDescription);
    } else {
      this.events.push(`${userID}: ${event}`);
    }
  }

  /** A user presses "join": resolves when the browser is connected to rtcd. */
  async join(plugin: CallsPlugin, channelID: string, userID: string) {
    const sessionID = await plugin.join(channelID, userID);
    const peer = await Participant.open({
      openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
      signal: (description) => plugin.receive(sessionID, { type: 'sdp', data: encodeSessionDescription(description) }),
      dcSignaling: true,
    });
    onTestFinished(() => peer.close());
    this.#peers.set(userID, peer);
    const opened = once(peer, 'open');
    peer.join();
    await opened;
    return { sessionID, peer };
  }
}

it("the client's example plugin has its users hear one another through a real rtcd", async () => {
  const { url } = await startWithMedia();
  const browsers = new Browsers();
  const plugin = new CallsPlugin({ url, clientID: 'example', authKey: KEY }, browsers);
  onTestFinished(() => plugin.stop());
  await plugin.start();
  const alice = await browsers.join(plugin, 'town-square', 'alice');
  const bob = await browsers.join(plugin, 'town-square', 'bob');
  await Promise.all([untilHears(alice.peer, bob.sessionID), untilHears(bob.peer, alice.sessionID)]);
  await talk(alice.peer, alice.sessionID, bob.peer, 10);
  await talk(bob.peer, bob.sessionID, alice.peer, 10);

  // Whoever joins another call is connected when rtcd has handled all that went before.
  plugin.receive(alice.sessionID, { type: 'mute' });
  await browsers.join(plugin, 'off-topic', 'carol');
  alice.peer.sendVoice();
  await browsers.join(plugin, 'off-topic', 'dave');
  plugin.receive(alice.sessionID, { type: 'unmute' });
  const erin = await browsers.join(plugin, 'off-topic', 'erin');
  await talk(alice.peer, alice.sessionID, bob.peer, 10);
  expect(bob.peer.received(alice.sessionID)).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
  expect(erin.peer.senders).not.toContain(alice.sessionID);

  plugin.leave(alice.sessionID);
  await vi.waitUntil(() => bob.peer.senders.length === 0);
  expect(browsers.events).toEqual([
    'alice: user_joined',
    'alice: user_joined',
    'bob: user_joined',
    'alice: user_muted',
    'bob: user_muted',
    'carol: user_joined',
    'carol: user_joined',
    'dave: user_joined',
    'alice: user_unmuted',
    'bob: user_unmuted',
    'carol: user_joined',
    'dave: user_joined',
    'erin: user_joined',
    'bob: user_left',
  ]);
});
