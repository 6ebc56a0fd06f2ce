import {
  type ClientMessage,
  encodeIceCandidateInit,
  encodeScreenOn,
  encodeSessionDescription,
  encodeVideoOn,
  newID,
  RtcMessageType,
} from '@rtcd/protocol';
import type { Inspection } from './inspection.ts';
import type { CheckedBrowserMessage, ServerErrorCode, ServerMessage } from './messages.ts';
import { parseBrowserMessage } from './messages.ts';
import { Room } from './room.ts';

/** The way to one page. */
export interface BrowserLink {
  send(message: ServerMessage): void;
}

/** The way to rtcd. */
export interface ServiceLink {
  /** The name that this server registered under: rtcd's group of all its calls. */
  readonly clientID: string;
  readonly connected: boolean;
  send(message: ClientMessage): void;
  /** Asks about one session of ours. Resolves with undefined if there is no answer. */
  inspect(sessionID: string): Promise<Inspection | undefined>;
}

/** One page's connection, as the server drives it. */
export interface BrowserConnection {
  receive(text: string): void;
  /** `isLost`: it broke, and the page may be back on another one. */
  close(isLost: boolean): void;
}

export interface CallRelayLimits {
  readonly maxRooms: number;
  readonly maxParticipantsPerRoom: number;
  /** Time that a session waits for its page, in milliseconds. rtcd does not wait longer for media. */
  readonly resumeLimitMs: number;
}

interface Session {
  readonly sessionID: string;
  readonly userID: string;
  readonly room: Room;
  /** Secret of its page. */
  readonly key: string;
  page: BrowserLink;
  /** While its page has no connection. */
  leaveTimer?: ReturnType<typeof setTimeout> | undefined;
  isBeingInspected: boolean;
}

const defaultLimits: CallRelayLimits = { maxRooms: 200, maxParticipantsPerRoom: 100, resumeLimitMs: 30_000 };
const empty = new Uint8Array(0);
const decoder = new TextDecoder();

/**
 * Does for rtcd what a Calls installation does: generates session and call ids, announces joins and leaves, and carries
 * signaling between pages and the service. Knows no sockets.
 */
export class CallRelay {
  readonly #service: ServiceLink;
  readonly #limits: CallRelayLimits;
  readonly #rooms = new Map<string, Room>();
  readonly #sessions = new Map<string, Session>();
  readonly #pages = new Set<BrowserLink>();

  constructor(service: ServiceLink, limits: Partial<CallRelayLimits> = {}) {
    this.#service = service;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** A page has connected. */
  open(page: BrowserLink): BrowserConnection {
    this.#pages.add(page);
    page.send({ type: 'service', connected: this.#service.connected });
    let session: Session | undefined;
    return {
      receive: (text) => {
        session = this.#receive(text, page, session);
      },
      close: (isLost) => {
        this.#pages.delete(page);
        const left = session;
        session = undefined;
        // It may continue on another connection already, or have ended.
        if (left?.page !== page || !this.#sessions.has(left.sessionID)) return;
        if (isLost) left.leaveTimer = setTimeout(() => this.#leave(left), this.#limits.resumeLimitMs);
        else this.#leave(left);
      },
    };
  }

  /** Ends all sessions, also those that wait for their page. */
  close(): void {
    for (const session of [...this.#sessions.values()]) this.#leave(session);
  }

  /** A message of rtcd. Those for sessions already gone are of no use to anyone. */
  receiveFromService(message: ClientMessage): void {
    switch (message.type) {
      case 'rtc': {
        const session = this.#sessions.get(message.data.sessionID);
        session?.page.send({ type: 'signal', data: decoder.decode(message.data.data) });
        return;
      }
      case 'vad': {
        const session = this.#sessions.get(message.data.sessionID);
        session?.room.update(session.sessionID, { speaking: message.data.type === RtcMessageType.VoiceOn });
        return;
      }
      case 'close': {
        const session = this.#sessions.get(message.data.sessionID);
        if (session === undefined) return;
        this.#forget(session);
        session.page.send({ type: 'closed' });
        return;
      }
      case 'hello':
      case 'join':
      case 'leave':
      case 'reconnect':
        return;
      default:
        message satisfies never;
    }
  }

  /** The connection to rtcd came or went. Sessions outlive it: @rtcd/client claims them on the next connection. */
  serviceChanged(): void {
    const { connected } = this.#service;
    for (const page of this.#pages) page.send({ type: 'service', connected });
  }

  #receive(text: string, page: BrowserLink, session: Session | undefined): Session | undefined {
    const refuse = (code: ServerErrorCode, reason: string) => {
      page.send({ type: 'error', code, message: reason });
      return session;
    };
    // rtcd may have closed the session since.
    const current = session !== undefined && this.#sessions.has(session.sessionID) ? session : undefined;
    const message = parseBrowserMessage(text);
    if (message === undefined) return refuse('bad_message', 'The server did not understand this page. Reload it.');
    if (message.type === 'join') {
      if (current !== undefined) return refuse('already_joined', 'This page is already in a call.');
      if (!this.#service.connected) return refuse('service_unavailable', 'The media service (rtcd) is not reachable.');
      return this.#join(message, page) ?? refuse('full', `“${message.room}” is full.`);
    }
    if (message.type === 'resume') {
      if (current !== undefined) return refuse('already_joined', 'This page is already in a call.');
      return this.#resume(message.key, page) ?? refuse('not_resumed', 'The connection to the server was lost.');
    }
    if (current === undefined) return refuse('not_joined', 'This page is not in a call.');
    return this.#handle(message, current);
  }

  #join(message: Extract<CheckedBrowserMessage, { type: 'join' }>, page: BrowserLink): Session | undefined {
    const room = this.#rooms.get(message.room) ?? new Room(message.room);
    if (room.size === 0 && this.#rooms.size >= this.#limits.maxRooms) return undefined;
    if (room.size >= this.#limits.maxParticipantsPerRoom) return undefined;
    const session: Session = { sessionID: newID(), userID: newID(), room, key: newID(), page, isBeingInspected: false };
    const { sessionID, userID, key } = session;
    const { name, microphone, av1 } = message;
    this.#rooms.set(room.name, room);
    this.#sessions.set(sessionID, session);
    this.#service.send({
      type: 'join',
      // The page's side of signaling is this WebSocket, so rtcd's offers must arrive here too.
      data: { callID: room.callID, userID, sessionID, channelID: room.name, av1Support: av1, dcSignaling: false },
    });
    room.add({
      participant: { sessionID, name, microphone, muted: !microphone, screen: false, camera: false, speaking: false },
      key,
      send: (event) => session.page.send(event),
    });
    return session;
  }

  /** Messages of rtcd since the connection broke are lost. rtcd learns that the page is back, and repeats those that were not answered. */
  #resume(key: string, page: BrowserLink): Session | undefined {
    const session = [...this.#sessions.values()].find((candidate) => candidate.key === key);
    if (session === undefined) return undefined;
    clearTimeout(session.leaveTimer);
    session.page = page;
    const { sessionID, room } = session;
    page.send({ type: 'resumed', participants: room.participants });
    this.#service.send({ type: 'reconnect', data: { sessionID } });
    return session;
  }

  #handle(message: Exclude<CheckedBrowserMessage, { type: 'join' | 'resume' }>, session: Session): Session | undefined {
    switch (message.type) {
      case 'description':
        this.#toService(session, RtcMessageType.SDP, encodeSessionDescription(message.description));
        return session;
      case 'candidate':
        this.#toService(session, RtcMessageType.ICE, encodeIceCandidateInit(message.candidate));
        return session;
      case 'mute':
      case 'unmute': {
        const muted = message.type === 'mute';
        this.#toService(session, muted ? RtcMessageType.Mute : RtcMessageType.Unmute, empty);
        session.room.update(session.sessionID, muted ? { muted, speaking: false } : { muted });
        return session;
      }
      case 'screen_on':
        this.#shareScreen(session, message.streamId);
        return session;
      case 'screen_off':
        this.#toService(session, RtcMessageType.ScreenOff, empty);
        session.room.update(session.sessionID, { screen: false });
        return session;
      case 'video_on':
        this.#toService(session, RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID: message.streamId }));
        session.room.update(session.sessionID, { camera: true });
        return session;
      case 'video_off':
        this.#toService(session, RtcMessageType.VideoOff, empty);
        session.room.update(session.sessionID, { camera: false });
        return session;
      case 'report':
        session.room.update(session.sessionID, { roundTripMs: message.roundTripMs });
        return session;
      case 'inspect':
        void this.#inspect(session);
        return session;
      case 'leave':
        this.#leave(session);
        return undefined;
      default:
        message satisfies never;
        return session;
    }
  }

  /** A call has one screen at a time. */
  #shareScreen(session: Session, streamId: string): void {
    const { presenter } = session.room;
    if (presenter !== undefined && presenter.sessionID !== session.sessionID) {
      const reason = `${presenter.name} shares a screen already.`;
      session.page.send({ type: 'error', code: 'screen_taken', message: reason });
      return;
    }
    this.#toService(session, RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID: streamId }));
    session.room.update(session.sessionID, { screen: true });
  }

  /** One request at a time and session, however often the page asks. */
  async #inspect(session: Session): Promise<void> {
    if (session.isBeingInspected) return;
    session.isBeingInspected = true;
    const inspection = await this.#service.inspect(session.sessionID);
    session.isBeingInspected = false;
    session.page.send({ type: 'inspection', ...(inspection && { inspection }) });
  }

  #toService({ sessionID, userID, room }: Session, type: RtcMessageType, data: Uint8Array): void {
    const { clientID } = this.#service;
    this.#service.send({
      type: 'rtc',
      data: { groupID: clientID, callID: room.callID, userID, sessionID, type, data },
    });
  }

  #leave(session: Session): void {
    if (!this.#sessions.has(session.sessionID)) return;
    this.#service.send({ type: 'leave', data: { sessionID: session.sessionID } });
    this.#forget(session);
  }

  #forget({ sessionID, room, leaveTimer }: Session): void {
    clearTimeout(leaveTimer);
    this.#sessions.delete(sessionID);
    room.remove(sessionID);
    if (room.size === 0) this.#rooms.delete(room.name);
  }
}
