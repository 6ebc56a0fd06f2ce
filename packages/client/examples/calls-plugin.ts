/**
 * The server side of a Calls plugin as a user of rtcd: it keeps who is in which call, puts calls on hosts, and carries
 * signaling between the users' browsers and rtcd. Run it against an rtcd: `RTCD_URL=http://localhost:8045 node calls-plugin.ts`
 */
import { once } from 'node:events';
import { RtcdClientPool, type RtcdClientPoolConfig } from '@rtcd/client';
import { decodeIceCandidate, encodeIceCandidateInit, newID, type RtcMessage, RtcMessageType } from '@rtcd/protocol';

/** The parts of the chat server that the plugin needs: its WebSocket to the users' browsers. */
export interface Browsers {
  send(userID: string, event: string, data: Record<string, unknown>): void;
}

/** Messages that a browser may send about its session. */
export type BrowserMessage =
  | { readonly type: 'sdp'; readonly data: Uint8Array }
  | { readonly type: 'ice'; readonly data: string }
  | { readonly type: 'mute' | 'unmute' };

interface UserSession {
  readonly callID: string;
  readonly userID: string;
  readonly sessionID: string;
  readonly channelID: string;
}

export class CallsPlugin {
  readonly #pool: RtcdClientPool;
  readonly #browsers: Browsers;
  readonly #sessions = new Map<string, UserSession>();
  /** The running call of each channel. */
  readonly #calls = new Map<string, string>();

  constructor(config: RtcdClientPoolConfig, browsers: Browsers) {
    this.#browsers = browsers;
    this.#pool = new RtcdClientPool({ registerOnDemand: true, minVersion: 'v1.0.0', ...config });
    this.#pool.on('rtc', (message) => this.#onRtc(message));
    this.#pool.on('vad', (message) => this.#onVoice(message));
    this.#pool.on('sessionClosed', ({ sessionID }) => this.#forget(sessionID));
    this.#pool.on('callLost', ({ sessionIDs }) => {
      for (const sessionID of sessionIDs) this.#forget(sessionID);
    });
    this.#pool.on('error', (error, address) => console.error('rtcd', address ?? '', error.message));
  }

  async start(): Promise<void> {
    await this.#pool.start();
  }

  /** A user presses "join" in a channel. The first one starts the call. */
  async join(channelID: string, userID: string): Promise<string> {
    const callID = this.#calls.get(channelID) ?? newID();
    this.#calls.set(channelID, callID);
    const session = { callID, userID, sessionID: newID(), channelID };
    this.#sessions.set(session.sessionID, session);
    try {
      await this.#pool.join({ ...session, av1Support: false, dcSignaling: true });
    } catch (error) {
      this.#forget(session.sessionID);
      throw error;
    }
    this.#tellChannel(channelID, 'user_joined', { userID, sessionID: session.sessionID });
    return session.sessionID;
  }

  /** A user's browser has sent something. Ids come from the plugin's own books, never from the browser. */
  receive(sessionID: string, message: BrowserMessage): void {
    const session = this.#sessions.get(sessionID);
    if (session === undefined) return;
    const send = (type: RtcMessageType, data: Uint8Array = new Uint8Array()) =>
      this.#pool.sendRtc({ groupID: '', ...session, type, data });
    switch (message.type) {
      case 'sdp':
        return send(RtcMessageType.SDP, message.data);
      case 'ice':
        return send(RtcMessageType.ICE, encodeIceCandidateInit({ candidate: message.data, sdpMid: '0' }));
      case 'mute':
      case 'unmute':
        send(message.type === 'mute' ? RtcMessageType.Mute : RtcMessageType.Unmute);
        return this.#tellChannel(session.channelID, `user_${message.type}d`, { sessionID });
    }
  }

  /** A user presses "leave", or its browser is gone. */
  leave(sessionID: string): void {
    if (this.#sessions.has(sessionID)) this.#pool.leave(sessionID);
    this.#forget(sessionID);
  }

  async stop(): Promise<void> {
    await this.#pool.close();
  }

  #onRtc(message: RtcMessage): void {
    const { userID, sessionID, type, data } = message;
    if (type === RtcMessageType.SDP) {
      this.#browsers.send(userID, 'signal', { sessionID, description: JSON.parse(new TextDecoder().decode(data)) });
    } else if (type === RtcMessageType.ICE) {
      this.#browsers.send(userID, 'signal', { sessionID, candidate: decodeIceCandidate(data) });
    }
  }

  #onVoice({ sessionID, type }: RtcMessage): void {
    const event = type === RtcMessageType.VoiceOn ? 'user_voice_on' : 'user_voice_off';
    const channelID = this.#sessions.get(sessionID)?.channelID;
    if (channelID !== undefined) this.#tellChannel(channelID, event, { sessionID });
  }

  #forget(sessionID: string): void {
    const session = this.#sessions.get(sessionID);
    if (session === undefined) return;
    this.#sessions.delete(sessionID);
    const { channelID, userID } = session;
    this.#tellChannel(channelID, 'user_left', { userID, sessionID });
    const isOver = ![...this.#sessions.values()].some((other) => other.channelID === channelID);
    if (isOver) this.#calls.delete(channelID);
  }

  #tellChannel(channelID: string, event: string, data: Record<string, unknown>): void {
    for (const session of this.#sessions.values()) {
      if (session.channelID === channelID) this.#browsers.send(session.userID, event, data);
    }
  }
}

if (import.meta.main) {
  const plugin = new CallsPlugin(
    {
      url: process.env.RTCD_URL ?? 'http://localhost:8045',
      clientID: 'example-installation',
      authKey: process.env.RTCD_AUTH_KEY ?? 'at-least-32-characters-that-stay-secret',
    },
    { send: (userID, event, data) => console.log(`to ${userID}: ${event}`, data) },
  );
  await plugin.start();
  const sessions = [await plugin.join('town-square', 'alice'), await plugin.join('town-square', 'bob')];
  console.log('in the call until interrupted:', sessions);
  await once(process, 'SIGINT');
  for (const sessionID of sessions) plugin.leave(sessionID);
  await plugin.stop();
}
