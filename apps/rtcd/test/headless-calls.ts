import { once } from 'node:events';
import { RtcdClient, type RtcdClientConfig } from '@rtcd/client';
import { openPacketIo } from '@rtcd/packet-io';
import {
  decodeSessionDescription,
  encodeSessionDescription,
  newID,
  type RtcMessage,
  RtcMessageType,
} from '@rtcd/protocol';
import { Participant, type ParticipantOptions } from '@rtcd/rtc/testing';
import { onTestFinished } from 'vitest';
import { startRtcd, type TestRtcd, type TestRtcdOptions } from '../src/testing/index.ts';
import { KEY } from './support.ts';

/** The whole service, media included; closed at the end of the test. */
export async function startWithMedia(options: TestRtcdOptions = {}): Promise<TestRtcd> {
  const rtcd = await startRtcd(options);
  onTestFinished(() => rtcd.close());
  return rtcd;
}

/** A connected client of a service that allows self-registration; closed at the end of the test. */
export async function connectClient(
  { url }: { readonly url: string },
  clientID = 'client',
  config: Partial<RtcdClientConfig> = {},
): Promise<RtcdClient> {
  const client = new RtcdClient({ url, clientID, authKey: KEY, registerOnDemand: true, ...config });
  onTestFinished(() => client.close());
  await client.connect();
  return client;
}

/** The connections of one client that may carry a session's signaling. */
export interface Route {
  readonly clients: readonly RtcdClient[];
  /** Undefined while what is sent gets lost. */
  current(): RtcdClient | undefined;
}

export interface HeadlessOptions extends Partial<Omit<ParticipantOptions, 'signal'>> {
  readonly callID?: string;
  /** Carries the session's signaling, if that is not always the connection that it joins by. */
  readonly route?: Route;
}

/**
 * A peer with real sockets whose signaling goes through its client, as a browser's does through its Mattermost server. Its
 * data channel is open when it resolves; its sockets close at the end of the test.
 */
export async function joinHeadless(
  client: RtcdClient,
  sessionID: string,
  {
    callID = 'call',
    dcSignaling = false,
    route = { clients: [client], current: () => client },
    ...options
  }: HeadlessOptions = {},
): Promise<Participant> {
  const ids = { callID, sessionID, userID: `user of ${sessionID}` };
  const participant = await Participant.open({
    openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
    ...options,
    dcSignaling,
    signal: (description) => {
      const data = encodeSessionDescription(description);
      route.current()?.sendRtc({ groupID: '', ...ids, type: RtcMessageType.SDP, data });
    },
  });
  const onRtc = (way: RtcdClient) => (message: RtcMessage) => {
    if (way !== route.current()) return;
    if (message.sessionID === sessionID && message.type === RtcMessageType.SDP) {
      participant.receive(decodeSessionDescription(message.data));
    }
  };
  const listeners = route.clients.map((way) => ({ way, listener: onRtc(way) }));
  for (const { way, listener } of listeners) way.on('rtc', listener);
  onTestFinished(() => {
    for (const { way, listener } of listeners) way.off('rtc', listener);
    return participant.close();
  });
  client.join({ ...ids, channelID: 'channel', av1Support: false, dcSignaling });
  const opened = once(participant, 'open');
  participant.join();
  await opened;
  return participant;
}

/**
 * Resolves when rtcd has handled all that the client sent before, media included: a client's messages are handled in order, and the last one is a first
 * offer that ends its session. While rtcd drains, `callID` has to be that of a running call.
 */
export async function handled(client: RtcdClient, callID = newID()): Promise<void> {
  const probe = { callID, userID: newID(), sessionID: newID() };
  const closed = Promise.withResolvers<void>();
  const onClosed = (sessionID: string) => sessionID === probe.sessionID && closed.resolve();
  client.on('sessionClosed', onClosed);
  client.join({ ...probe, channelID: '', av1Support: false, dcSignaling: false });
  const data = encodeSessionDescription({ type: 'offer', sdp: 'v=0' });
  client.sendRtc({ groupID: '', ...probe, type: RtcMessageType.SDP, data });
  await closed.promise;
  client.off('sessionClosed', onClosed);
}

/**
 * Resolves when a voice flows to the listener: its answer to rtcd's offer has arrived, over the data channel, or else over
 * the client.
 */
export async function untilHears(
  listener: Participant,
  senderID: string,
  client?: RtcdClient,
  callID?: string,
): Promise<void> {
  await listener.hears(senderID);
  const pong = once(listener, 'pong');
  listener.ping();
  await Promise.all([pong, client && handled(client, callID)]);
}

/** Speaks packet by packet, each sent when the listener has heard the one before. */
export async function talk(
  speaker: Participant,
  senderID: string,
  listener: Participant,
  packets: number,
): Promise<void> {
  const before = listener.received(senderID)?.packets ?? 0;
  for (let sent = 1; sent <= packets; sent++) {
    speaker.sendVoice();
    await listener.heard(senderID, before + sent);
  }
}
