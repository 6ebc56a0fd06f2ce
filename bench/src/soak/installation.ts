import { once } from 'node:events';
import { RtcdClient } from '@rtcd/client';
import { openPacketIo } from '@rtcd/packet-io';
import { decodeSessionDescription, encodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { createTestCertificate, Participant, type ParticipantOptions } from '@rtcd/rtc/testing';
import { AUTH_KEY } from '../auth-key.ts';

const JOIN_TIMEOUT_MS = 30_000;

const certificate = createTestCertificate();

/** An installation of the service: one client, and the headless peers that join through it. */
export class Installation {
  readonly #client: RtcdClient;
  readonly #peers = new Map<string, Participant>();

  private constructor(client: RtcdClient) {
    this.#client = client;
    client.on('error', () => {});
    client.on('rtc', ({ sessionID, type, data }) => {
      if (type === RtcMessageType.SDP) this.#peers.get(sessionID)?.receive(decodeSessionDescription(data));
    });
  }

  /** Registers it, and connects it. */
  static async connect(url: string, clientID: string): Promise<Installation> {
    const client = new RtcdClient({ url, clientID, authKey: AUTH_KEY, registerOnDemand: true });
    const installation = new Installation(client);
    await client.connect();
    return installation;
  }

  /** Calls back for each session that the service ends. */
  onSessionClosed(listener: (sessionID: string) => void): void {
    this.#client.on('sessionClosed', listener);
  }

  /** Adds a session to a call whose peer never comes. */
  announce(callID: string, sessionID: string): void {
    const userID = `user of ${sessionID}`;
    this.#client.join({ callID, sessionID, userID, channelID: 'channel', av1Support: false, dcSignaling: true });
  }

  /** Joins a call with a peer. Resolves once its data channel is open; rejects if that takes more than 30 s. */
  async join(callID: string, sessionID: string, options: Pick<ParticipantOptions, 'voice'> = {}): Promise<Participant> {
    const ids = { groupID: '', callID, sessionID, userID: `user of ${sessionID}` };
    this.announce(callID, sessionID);
    const peer = await Participant.open({
      openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
      certificate,
      dcSignaling: true,
      ...options,
      signal: (description) =>
        this.#client.sendRtc({ ...ids, type: RtcMessageType.SDP, data: encodeSessionDescription(description) }),
    });
    this.#peers.set(sessionID, peer);
    try {
      const opened = once(peer, 'open', { signal: AbortSignal.timeout(JOIN_TIMEOUT_MS) });
      peer.join();
      await opened;
    } catch (error) {
      await this.end(sessionID, 'leave');
      throw error;
    }
    return peer;
  }

  /** Ends a session: by the client's message, by the peer's goodbye, or without a word. */
  async end(sessionID: string, manner: 'leave' | 'close' | 'vanish'): Promise<void> {
    const peer = this.#peers.get(sessionID);
    this.#peers.delete(sessionID);
    if (manner === 'leave') this.#client.leave(sessionID);
    await (manner === 'vanish' ? peer?.vanish() : peer?.close());
  }

  /** Unregisters, and closes the connection. Peers that are left vanish. */
  async close(): Promise<void> {
    for (const sessionID of this.#peers.keys()) await this.end(sessionID, 'vanish');
    await this.#client.unregister();
    await this.#client.close();
  }
}
