import {
  decodeSessionDescription,
  encodeScreenOn,
  encodeSessionDescription,
  encodeVideoOn,
  type RtcMessage,
  RtcMessageType,
  type SessionConfig,
} from '@rtcd/protocol';
import {
  type LocalTrack,
  Participant,
  type SentVideo,
  type SimulatedCall,
  type VideoEncodingOptions,
} from '../src/testing/index.ts';
import { UnreliableWay, type WayConditions } from './unreliable-way.ts';

export interface UnreliableUserOptions {
  readonly sessionID: string;
  /** Renegotiates over the data channel. */
  readonly dcSignaling: boolean;
  /** Takes the signaling lock before it renegotiates, as web clients do. */
  readonly locks: boolean;
  readonly random: () => number;
  readonly randomBytes: (sizeBytes: number) => Uint8Array;
  /** Encodings of its camera and its screen. By default a screen has two. */
  readonly rids?: Readonly<Record<VideoType, readonly string[]>>;
  /** Frames that it sends while a video is on. None by default. */
  readonly frames?: VideoEncodingOptions;
  readonly usesRtx?: boolean;
  readonly reportsArrivals?: boolean;
}

export type VideoType = 'video' | 'screen';

// As web clients have them.
const LOCK_RETRY_MS = 50;
const LOCK_LIMIT_MS = 5_000;
/** The SFU's limit. */
const LOCK_HOLD_MS = 10_000;

/** A user of a call whose client's messages take an unreliable way, and who does what users of web clients do. */
export class UnreliableUser {
  readonly sessionID: string;
  readonly #call: SimulatedCall;
  readonly #options: UnreliableUserOptions;
  #participant: Participant | undefined;
  #toSfu: UnreliableWay<RtcMessage> | undefined;
  #toPeer: UnreliableWay<RtcMessage> | undefined;
  #isOpen = false;
  /** The SFU ends the session of a peer that does not connect in time. */
  #hasSession = false;
  /** Action to take once the lock is held. */
  #waiting: { readonly action: () => void; readonly untilMs: number } | undefined;
  isPublishing = false;
  isMuted = false;
  /** Its camera and its screen. */
  readonly #videos = new Map<VideoType, LocalTrack>();
  /** Their encodings, if frames are sent. */
  readonly sent = new Map<VideoType, SentVideo>();
  #videoCount = 0;
  /** The peer holds the lock until then. When it runs out, the SFU makes up for a lost offer of the peer, or a lost answer to it. */
  #lockedUntilMs = Number.NEGATIVE_INFINITY;
  #lockAskedMs = 0;
  /** Something was lost that only a `reconnect` makes up for. */
  #isCutOff = false;
  /** Offers of the SFU that the peer took, by either way. */
  offers = 0;
  readonly refusals: string[] = [];

  constructor(call: SimulatedCall, options: UnreliableUserOptions) {
    this.sessionID = options.sessionID;
    this.#call = call;
    this.#options = options;
    call.sfu.on('message', (message) => {
      if (message.sessionID === this.sessionID) this.#toPeer?.send(message);
    });
    call.sfu.on('sessionClosed', ({ config }) => {
      if (config.sessionID === this.sessionID && !this.#isOpen) this.#hasSession = false;
    });
  }

  /** Undefined while not in the call. */
  get participant(): Participant | undefined {
    return this.#participant;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async join(): Promise<void> {
    const { random, randomBytes, dcSignaling, locks, usesRtx = true, reportsArrivals = false } = this.#options;
    const { time, sfu, clock } = this.#call;
    const config: SessionConfig = {
      groupID: 'group',
      callID: 'call',
      sessionID: this.sessionID,
      userID: 'user',
      props: { channelID: '', av1Support: false, dcSignaling },
    };
    sfu.join(config);
    this.#hasSession = true;
    const toSfu = new UnreliableWay<RtcMessage>(
      time,
      random,
      (message) => this.#tellSfu(message),
      (message) => this.#onLost(message, 'offer'),
    );
    const toPeer = new UnreliableWay<RtcMessage>(
      time,
      random,
      (message) => {
        if (message.type === RtcMessageType.SDP) participant.receive(decodeSessionDescription(message.data));
      },
      (message) => this.#onLost(message, 'answer'),
    );
    this.#toSfu = toSfu;
    this.#toPeer = toPeer;
    const participant = await Participant.open({
      openIo: this.#call.newAddress(),
      clock,
      random: randomBytes,
      certificate: this.#call.certificate,
      dcSignaling,
      voice: false,
      placesAgain: !locks,
      usesRtx,
      reportsArrivals,
      signal: (description) => {
        const data = encodeSessionDescription(description);
        toSfu.send({ ...config, type: RtcMessageType.SDP, data });
      },
    });
    this.#participant = participant;
    participant.on('open', () => {
      this.#isOpen = true;
    });
    participant.on('negotiated', () => {
      this.offers += 1;
    });
    participant.on('answered', () => {
      this.offers -= 1;
      this.#unlock();
    });
    participant.on('refused', () => this.#unlock());
    participant.on('lock', (granted) => {
      if (granted) this.#lockedUntilMs = this.#lockAskedMs + LOCK_HOLD_MS;
      this.#onLock(granted);
    });
    participant.join();
  }

  async leave(): Promise<void> {
    const participant = this.#participant;
    if (!participant) return;
    this.#toSfu!.close();
    this.#toPeer!.close();
    this.#participant = undefined;
    this.#waiting = undefined;
    this.#isOpen = false;
    this.#isCutOff = false;
    this.#lockedUntilMs = Number.NEGATIVE_INFINITY;
    this.isPublishing = false;
    this.#videos.clear();
    this.sent.clear();
    this.isMuted = false;
    if (this.#hasSession) this.#call.sfu.leave('group', this.sessionID);
    await participant.close();
  }

  publish(): void {
    if (!this.#isOpen || this.isPublishing) return;
    this.#withLock((participant) => {
      this.isPublishing = true;
      participant.publishVoice();
    });
  }

  unpublish(): void {
    if (!this.#isOpen || !this.isPublishing) return;
    this.#withLock((participant) => {
      this.isPublishing = false;
      participant.unpublishVoice();
    });
  }

  setMuted(muted: boolean): void {
    this.isMuted = muted;
    this.#tell(muted ? RtcMessageType.Mute : RtcMessageType.Unmute);
  }

  /** Returns whether its camera is on, or its screen shared. */
  isShowing(type: VideoType): boolean {
    return this.#videos.has(type);
  }

  /** As the web client does it: a screen is announced before its media, a camera after it. */
  toggle(type: VideoType): void {
    if (!this.#isOpen) return;
    this.#withLock((participant) => {
      const track = this.#videos.get(type);
      if (track) {
        this.#videos.delete(type);
        this.sent.delete(type);
        participant.unpublishVideo(track);
        this.#tell(type === 'screen' ? RtcMessageType.ScreenOff : RtcMessageType.VideoOff);
        return;
      }
      const streamId = `${type}-${++this.#videoCount}`;
      if (type === 'screen') this.#announce(type, streamId);
      const { rids = DEFAULT_RIDS, frames } = this.#options;
      const published = participant.publishVideo({ streamId, rids: rids[type] });
      this.#videos.set(type, published);
      if (frames) this.sent.set(type, participant.sendVideo(published, ...rids[type].map(() => frames), frames));
      if (type === 'video') this.#announce(type, streamId);
    });
  }

  /** Repeats its announcements, which may have been lost. The screen is free for one that `mayShare`. */
  announceAgain(mayShare: boolean): void {
    const [camera, screen] = [this.#videos.get('video'), this.#videos.get('screen')];
    if (camera) this.#announce('video', camera.streamId);
    if (screen && mayShare) this.#announce('screen', screen.streamId);
    else this.#tell(RtcMessageType.ScreenOff);
  }

  #announce(type: VideoType, streamId: string): void {
    if (type === 'screen') this.#tell(RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID: streamId }));
    else this.#tell(RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID: streamId }));
  }

  #tell(type: RtcMessageType, data: Uint8Array = NO_DATA): void {
    this.#toSfu?.send({ groupID: 'group', callID: '', userID: '', sessionID: this.sessionID, type, data });
  }

  /** Takes the lock and forgets about it. */
  takeLock(): void {
    if (this.#isOpen) this.#requestLock();
  }

  sleep(): void {
    this.#participant?.sleep();
  }

  wake(): void {
    this.#participant?.wake();
  }

  setConditions(toSfu: Partial<WayConditions>, toPeer: Partial<WayConditions>): void {
    this.#toSfu?.setConditions(toSfu);
    this.#toPeer?.setConditions(toPeer);
  }

  /** Messages get through again. The client may not have noticed that they did not. */
  recover(isNoticed: boolean): void {
    if (isNoticed || this.#isCutOff) this.reconnect();
    else this.setConditions({}, {});
  }

  /** The user's connection came back: its client says `reconnect`. */
  reconnect(): void {
    this.setConditions({}, {});
    this.#isCutOff = false;
    if (this.#hasSession) this.#call.sfu.resume('group', this.sessionID);
  }

  #tellSfu(message: RtcMessage): void {
    try {
      this.#call.sfu.receive(message);
    } catch (error) {
      this.refusals.push((error as Error).message);
    }
  }

  #requestLock(): void {
    this.#lockAskedMs = this.#call.time.nowMs;
    this.#participant?.requestLock();
  }

  /** The SFU repeats an offer until it is answered. An offer of the peer, and its answer, are made up for when the lock runs out. */
  #onLost({ type, data }: RtcMessage, unrepeated: 'offer' | 'answer'): void {
    if (type !== RtcMessageType.SDP || this.#call.time.nowMs < this.#lockedUntilMs) return;
    if (decodeSessionDescription(data).type === unrepeated) this.#isCutOff = true;
  }

  #withLock(action: (participant: Participant) => void): void {
    const participant = this.#participant!;
    if (!this.#options.locks) return action(participant);
    if (this.#waiting) return;
    this.#waiting = { action: () => action(participant), untilMs: this.#call.time.nowMs + LOCK_LIMIT_MS };
    this.#requestLock();
  }

  #onLock(granted: boolean): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const { time } = this.#call;
    if (granted) {
      this.#waiting = undefined;
      waiting.action();
    } else if (time.nowMs >= waiting.untilMs) {
      this.#waiting = undefined;
    } else {
      time.schedule(time.nowMs + LOCK_RETRY_MS, () => {
        if (this.#waiting === waiting) this.#requestLock();
      });
    }
  }

  #unlock(): void {
    if (!this.#isOpen) return;
    this.#lockedUntilMs = Number.NEGATIVE_INFINITY;
    this.#participant?.releaseLock();
  }
}

const DEFAULT_RIDS = { video: [], screen: ['l', 'h'] };
const NO_DATA = new Uint8Array(0);
