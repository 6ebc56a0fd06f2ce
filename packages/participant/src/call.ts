import { EventEmitter } from 'node:events';
import type { Clock, Logger } from '@rtcd/boundary';
import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  decodeSessionDescription,
  encodeDataChannelMessage,
  encodeSessionDescription,
  type MediaMap,
  ProtocolError,
  RtcMessageType,
  type SessionConfig,
  type SessionDescription,
} from '@rtcd/protocol';
import { PeerConnection, type PeerConnectionOptions, type ReceivedFrame, type RemoteTrack } from '@rtcd/rtc/peer';
import { CallTrack } from './call-track.ts';
import { ParticipantError } from './errors.ts';
import { LocalVoice } from './local-voice.ts';
import { Negotiation } from './negotiation.ts';
import type { Signaling, SignalingLink } from './signaling.ts';
import { SignalingLock } from './signaling-lock.ts';

/** Events of a call. */
export interface CallEvents {
  /** A voice can be heard. */
  voice: [track: CallTrack];
  /** A screen can be seen. */
  screen: [track: CallTrack];
  /** The sound of a screen can be heard. */
  screenAudio: [track: CallTrack];
  /** A camera can be seen. */
  video: [track: CallTrack];
  /** A session has begun or stopped to speak, as the SFU detects it. */
  speaking: [activity: { readonly sessionID: string; readonly isSpeaking: boolean }];
  /** The last track of a session has ended. Who never sent anything is not reported. */
  left: [sessionID: string];
  /** The connection is lost, or the SFU ended the session, and why. Emitted once, last, and not after `leave`. */
  closed: [reason: string];
}

/** @internal */
export interface CallOptions {
  readonly session: SessionConfig;
  readonly signaling: Signaling;
  readonly openIo: PeerConnectionOptions['openIo'];
  /** Ends the attempt to join; its reason is a `ParticipantError`. */
  readonly limit: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

type State =
  | { readonly phase: 'joining'; resolve(): void; reject(error: ParticipantError): void }
  | { readonly phase: 'open' }
  | { readonly phase: 'closed'; readonly error: ParticipantError };

const EVENT_OF = { voice: 'voice', screen: 'screen', 'screen-audio': 'screenAudio', video: 'video' } as const;

/** One participant's connection to a call. Made by `joinCall`. */
export class Call extends EventEmitter<CallEvents> {
  readonly sessionID: string;
  readonly callID: string;
  readonly #options: CallOptions;
  readonly #lock: SignalingLock;
  readonly #negotiation: Negotiation;
  readonly #tracks = new Map<RemoteTrack, CallTrack>();
  #state: State = { phase: 'open' };
  #peer!: PeerConnection;
  #link: SignalingLink | undefined;
  #isChannelOpen = false;
  /** An ICE restart is not answered yet. */
  #isRestarting = false;
  /** Messages that came in the same turn in which `join` resolves: they wait for the listeners that its caller adds. */
  #early: Uint8Array[] | undefined;
  #mediaMap: MediaMap = {};
  #voice: Promise<LocalVoice> | undefined;
  #isMuted: boolean | undefined;

  private constructor(options: CallOptions) {
    super();
    const { session, clock } = options;
    this.sessionID = session.sessionID;
    this.callID = session.callID;
    this.#options = options;
    this.#lock = new SignalingLock(clock, { request: () => this.#sendOnChannel({ type: 'lock' }) });
    const call = this;
    this.#negotiation = new Negotiation(clock, this.#lock, {
      get needsNegotiation() {
        return call.#peer.needsNegotiation || !call.#peer.isStable;
      },
      get isStable() {
        return call.#peer.isStable;
      },
      get isRestarting() {
        return call.#isRestarting;
      },
      offer: () => call.#offer(),
      unlock: () => call.#sendOnChannel({ type: 'unlock' }),
    });
  }

  /** @internal */
  static async join(options: CallOptions): Promise<Call> {
    const call = new Call(options);
    const { session, openIo, limit, clock, signaling } = options;
    limit.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Awaited below, unless `signaling` throws before that.
    promise.catch(() => {});
    call.#state = { phase: 'joining', resolve, reject };
    call.#peer = await PeerConnection.open(
      { openIo, cname: session.sessionID, clock },
      {
        onConnected: () => {},
        onChannelOpen: () => call.#onChannelOpen(),
        onMessage: (data) => call.#onChannelMessage(data),
        onAnswered: () => {
          call.#isRestarting = false;
        },
        onRefused: (reason) => call.#refuse(reason),
        onTrack: (track) => call.#onTrack(track),
        onTrackEnded: (track) => call.#onTrackEnded(track),
        onFrame: (track, frame) => call.#onFrame(track, frame),
        onClosed: (reason) => call.#onLost(`the connection has ended: ${reason}`),
      },
    );
    const onLimit = () => reject(limit.reason);
    limit.addEventListener('abort', onLimit);
    try {
      call.#link = signaling.open(session, {
        onMessage: (type, data) => call.#onMessage(type, data),
        onSpeaking: (sessionID, isSpeaking) => call.emit('speaking', { sessionID, isSpeaking }),
        onResumed: () => call.#onResumed(),
        onClosed: (reason) => call.#onLost(reason),
      });
      call.#offer();
      await promise;
    } catch (error) {
      await call.leave();
      throw error;
    } finally {
      limit.removeEventListener('abort', onLimit);
    }
    return call;
  }

  /** The time now, on the clock of `timeMs` of frames. */
  get nowMs(): number {
    return this.#options.clock.nowMs();
  }

  /** Tracks that the SFU sends at the moment. */
  get tracks(): readonly CallTrack[] {
    return [...this.#tracks.values()];
  }

  /** Publishes a voice, or returns the one that is. Rejects with `ParticipantError` `timeout`, `lock_timeout`, `connection_lost`, or `closed`. */
  publishVoice(): Promise<LocalVoice> {
    this.#voice ??= this.#publishVoice().catch((error) => {
      this.#voice = undefined;
      throw error;
    });
    return this.#voice;
  }

  /** Offers new ICE credentials, and looks for a path again (RFC 8445 section 9), for example after a change of network. Rejects as `publishVoice`. */
  async restartIce(): Promise<void> {
    this.#checkOpen();
    this.#peer.restartIce();
    // The data channel may be as dead as the path.
    this.#isRestarting = true;
    await this.#negotiation.run();
  }

  /** Leaves the call and closes the sockets. Idempotent. */
  async leave(): Promise<void> {
    await this.#close(new ParticipantError('closed', 'the call was left'));
  }

  async #publishVoice(): Promise<LocalVoice> {
    this.#checkOpen();
    const sender = this.#peer.addVoice();
    await this.#negotiation.run();
    const voice = new LocalVoice(sender, { onMuted: (isMuted) => this.#sendMuted(isMuted) });
    this.#sendMuted(false);
    return voice;
  }

  #sendMuted(isMuted: boolean): void {
    this.#isMuted = isMuted;
    this.#signal(isMuted ? RtcMessageType.Mute : RtcMessageType.Unmute);
  }

  #checkOpen(): void {
    if (this.#state.phase === 'closed') throw this.#state.error;
  }

  #offer(): void {
    const isOnChannel = this.#options.session.props.dcSignaling && this.#isChannelOpen && !this.#isRestarting;
    this.#peer.offer(isOnChannel ? this.#describeOnChannel : this.#describeOnSignaling);
  }

  readonly #describeOnChannel = (description: SessionDescription) => this.#sendOnChannel({ type: 'sdp', description });

  readonly #describeOnSignaling = (description: SessionDescription) =>
    this.#signal(RtcMessageType.SDP, encodeSessionDescription(description));

  #onMessage(type: RtcMessageType, data: Uint8Array): void {
    if (type !== RtcMessageType.SDP) return;
    try {
      this.#onDescription(decodeSessionDescription(data), this.#describeOnSignaling);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error.message);
    }
  }

  #onChannelMessage(data: Uint8Array | string): void {
    if (typeof data === 'string') return;
    if (this.#early) {
      this.#early.push(Uint8Array.from(data));
      return;
    }
    try {
      this.#dispatch(decodeDataChannelMessage(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error.message);
    }
  }

  #dispatch(message: DataChannelMessage): void {
    if (message.type === 'sdp') this.#onDescription(message.description, this.#describeOnChannel);
    else if (message.type === 'mediaMap') this.#mediaMap = message.map;
    else if (message.type === 'lock' && !this.#lock.onAnswer(message.granted === true)) {
      this.#sendOnChannel({ type: 'unlock' });
    }
  }

  #onDescription(description: SessionDescription, reply: (description: SessionDescription) => void): void {
    this.#peer.receive(description, reply);
    this.#negotiation.progress();
    // A track whose place the SFU took is to be offered again.
    if (this.#isChannelOpen && this.#peer.isStable && this.#peer.needsNegotiation) {
      this.#negotiation.run().catch((error: ParticipantError) => this.#refuse(error.message));
    }
  }

  #onChannelOpen(): void {
    this.#isChannelOpen = true;
    if (this.#state.phase !== 'joining') return;
    this.#state.resolve();
    this.#state = { phase: 'open' };
    this.#early = [];
    setImmediate(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const data of early) this.#onChannelMessage(data);
    });
  }

  #onResumed(): void {
    if (!this.#peer.isStable) this.#offer();
    if (this.#isMuted !== undefined) this.#sendMuted(this.#isMuted);
  }

  #onTrack(remote: RemoteTrack): void {
    const track = new CallTrack(remote, this.#mediaMap[remote.mid], this.#peer);
    this.#tracks.set(remote, track);
    this.emit(EVENT_OF[track.type], track);
  }

  #onTrackEnded(remote: RemoteTrack): void {
    const track = this.#tracks.get(remote);
    if (track === undefined) return;
    this.#tracks.delete(remote);
    track.end();
    if (!this.tracks.some(({ sessionID }) => sessionID === track.sessionID)) this.emit('left', track.sessionID);
  }

  #onFrame(remote: RemoteTrack, frame: ReceivedFrame): void {
    this.#tracks.get(remote)?.emit('frame', frame);
  }

  #sendOnChannel(message: DataChannelMessage): void {
    if (!this.#isChannelOpen || this.#peer.send(encodeDataChannelMessage(message))) return;
    this.#options.logger.warn({ sessionID: this.sessionID, type: message.type }, 'data channel message not sent');
  }

  /** Fails while the way to the SFU is interrupted. What matters is sent again when it is back. */
  #signal(type: RtcMessageType, data: Uint8Array = new Uint8Array()): void {
    try {
      this.#link?.send(type, data);
    } catch (err) {
      this.#options.logger.debug({ err, sessionID: this.sessionID }, 'message not signaled');
    }
  }

  #refuse(reason: string): void {
    this.#options.logger.warn({ sessionID: this.sessionID, reason }, 'message of the SFU refused');
  }

  #onLost(reason: string): void {
    const isOpen = this.#state.phase === 'open';
    this.#close(new ParticipantError('connection_lost', reason));
    if (isOpen) this.emit('closed', reason);
  }

  async #close(error: ParticipantError): Promise<void> {
    const state = this.#state;
    if (state.phase === 'closed') return;
    this.#state = { phase: 'closed', error };
    if (state.phase === 'joining') state.reject(error);
    this.#negotiation.close(error);
    const link = this.#link;
    this.#link = undefined;
    try {
      link?.close();
    } catch (err) {
      this.#options.logger.debug({ err, sessionID: this.sessionID }, 'session not left');
    }
    const tracks = this.tracks;
    this.#tracks.clear();
    for (const track of tracks) track.end();
    await this.#peer?.close();
  }
}
