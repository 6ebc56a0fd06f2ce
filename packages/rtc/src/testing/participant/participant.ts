import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { isIP } from 'node:net';
import { eachPacket, type PacketIo, type PacketIoOptions, type PathId } from '@rtcd/packet-io';
import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  encodeDataChannelMessage,
  type MediaMap,
  type MediaMapEntry,
  type SessionDescription,
  type TrackType,
} from '@rtcd/protocol';
import { createDtlsCertificate, type DtlsCertificate } from '../../dtls/crypto/certificate.ts';
import type { Candidate, CandidateType } from '../../ice/candidate.ts';
import { type IceCredentials, newIceCredentials } from '../../ice/credentials.ts';
import { Wakeup } from '../../io/wakeup.ts';
import {
  candidatesOf,
  type LocalTrack,
  type ParticipantSection,
  type VideoCodecName,
  writeParticipantDescription,
} from '../../peer/participant-sdp.ts';
import {
  DescriptionError,
  type NegotiatedTrack,
  ParticipantSections,
  type SectionState,
} from '../../peer/participant-sections.ts';
import { ParticipantTransport } from '../../peer/participant-transport.ts';
import { type Clock, type Random, systemClock } from '../../ports.ts';
import { writeRemb } from '../../rtcp/remb.ts';
import type { RemoteDescription, RemoteSection } from '../../sdp/description.ts';
import { parseDescription } from '../../sdp/parse.ts';
import { ParticipantMedia, type ReceivedVoice } from './participant-media.ts';
import { ParticipantVideo, type SentVideo } from './participant-video.ts';
import type { RecordedVideo } from './recorded-video.ts';
import type { VideoEncodingOptions } from './video-encoding.ts';
import type { VideoReceiver } from './video-receiver.ts';

/** Makes a participant's sockets: `openPacketIo` on loopback, or an end of a simulated network. With TCP addresses, it connects to the TCP candidates of the SFU. */
export type OpenParticipantIo = (handlers: Pick<PacketIoOptions, 'onPackets'>) => Promise<PacketIo>;

/** Options of a participant. */
export interface ParticipantOptions {
  readonly openIo: OpenParticipantIo;
  /** Carries a description to the SFU, as a client would: over the WebSocket and `sfu.receive`. */
  readonly signal: (description: SessionDescription) => void;
  /** Renegotiate over the data channel once it is open, as a peer does that joined with `dcSignaling`. Default false. */
  readonly dcSignaling?: boolean;
  /** Sends a voice from the first offer on. Default true. */
  readonly voice?: boolean;
  /**
   * Adds a track again whose section the SFU rejects, as an application does that looks after its transceivers. Others, like the web client,
   * rely on the signaling lock: to a browser the track is lost. Default true.
   */
  readonly placesAgain?: boolean;
  /** Video codecs that it has. All by default. */
  readonly videoCodecs?: readonly VideoCodecName[];
  /** Recorded frames, at most one of each codec: in its codec it sends these in a loop, and knows them where they arrive. */
  readonly recordings?: readonly RecordedVideo[];
  /** Has retransmission streams for video (RFC 4588). Default true. */
  readonly usesRtx?: boolean;
  /** Sends transport-cc feedback about video that arrives. Default false: the SFU's estimate then stays where it starts. */
  readonly reportsArrivals?: boolean;
  /** Says what goes to the SFU in place of each description; undefined for nothing. */
  readonly tamper?: (description: SessionDescription) => SessionDescription | undefined;
  /** Type of the SFU's candidates that it checks. Default: any. */
  readonly candidateType?: CandidateType;
  /** Made once and shared by many participants, it saves their time. */
  readonly certificate?: DtlsCertificate;
  /** Its first ICE credentials. Random ones by default. */
  readonly ice?: IceCredentials;
  /** Puts USE-CANDIDATE on its checks only until one is answered, as Firefox and pion do. Default false: on all of them, as libwebrtc. */
  readonly nominatesOnce?: boolean;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A video that a participant sends. */
export interface PublishVideoOptions {
  /** The MediaStream's id, by which ScreenOn and VideoOn name it. */
  readonly streamId?: string;
  readonly trackId?: string;
  /** Encodings of a simulcast. None by default. */
  readonly rids?: readonly string[];
  /** Codecs that its section offers, the preferred one first. All by default. */
  readonly codecs?: readonly VideoCodecName[];
}

/** Length of an estimate that names no sources. */
const REMB_BYTES = 20;

const ALL_VIDEO_CODECS: readonly VideoCodecName[] = ['VP8', 'AV1', 'H264', 'VP9'];

/** Events of a participant. */
export interface ParticipantEvents {
  /** ICE and DTLS are through: media may flow. */
  connected: [];
  /** The data channel is open. */
  open: [];
  /** An offer/answer exchange is complete. */
  negotiated: [];
  /** Our own offer was answered. */
  answered: [];
  /** A description came that a browser would not take, and why. */
  refused: [reason: string];
  /** Called when the tracks that the SFU sends, or their owners, may have changed. */
  tracks: [];
  /** The answer to `requestLock`. */
  lock: [granted: boolean];
  pong: [];
  /** A voice packet arrived from another participant. */
  voice: [];
  /** A compound RTCP packet arrived. Borrowed until return. */
  rtcp: [compound: Buffer];
  /** The SFU ended the connection, and why. */
  closed: [reason: string];
}

/**
 * A headless participant of a call: offers as a browser does, sends a synthetic voice and checks what it receives. It speaks the
 * real protocols over whatever carries its datagrams, a socket or a simulated network.
 */
export class Participant extends EventEmitter<ParticipantEvents> {
  readonly #options: ParticipantOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #certificate: DtlsCertificate;
  readonly #wakeup: Wakeup;
  readonly #transport: ParticipantTransport;
  readonly #media: ParticipantMedia;
  readonly #video: ParticipantVideo;
  readonly #sections: ParticipantSections;
  readonly #voices: LocalTrack[] = [];
  /** Sender of the track that the SFU sends on a mid, by its stream id. A browser's application never learns of another one. */
  readonly #senders = new Map<string, string>();
  readonly #sdpSessionId: number;
  #descriptions = 0;
  #localIce: IceCredentials;
  /** Offered in a restart that is not answered yet. */
  #nextIce: IceCredentials | undefined;
  #isCutOff = false;
  #remoteIce: IceCredentials | undefined;
  /** Datagrams that arrived while it sleeps. */
  #postponed: (() => void)[] | undefined;
  #mediaMap: MediaMap = {};
  #isConnected = false;
  #isOpen = false;
  #closed = false;

  private constructor(options: ParticipantOptions, io: PacketIo) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? randomBytes;
    this.#certificate = options.certificate ?? createDtlsCertificate();
    this.#localIce = options.ice ?? newIceCredentials(this.#random);
    this.#sdpSessionId = Buffer.from(this.#random(4)).readUInt32BE();
    this.#media = new ParticipantMedia(this.#random);
    this.#sections = new ParticipantSections(
      options.placesAgain ?? true,
      options.videoCodecs ?? ALL_VIDEO_CODECS,
      options.usesRtx ?? true,
    );
    this.#video = new ParticipantVideo({
      random: this.#random,
      recordings: options.recordings ?? [],
      reportsArrivals: options.reportsArrivals ?? false,
      negotiated: (track) => this.#sections.negotiated(track),
      sendRtp: (packet, rolloverCounter) => this.#transport.sendRtp(packet, rolloverCounter),
      sendRtcp: (compound) => this.#transport.sendRtcp(compound),
    });
    this.#transport = this.#createTransport(io);
    this.#wakeup = new Wakeup(
      this.#clock,
      () =>
        this.#isConnected ? Math.min(this.#transport.deadline(), this.#video.deadline()) : this.#transport.deadline(),
      (nowMs) => {
        this.#transport.timeout(nowMs);
        if (this.#isConnected) this.#video.timeout(nowMs);
      },
    );
  }

  /** Opens its sockets. Nothing is sent before `join`. */
  static async open(options: ParticipantOptions): Promise<Participant> {
    // Packets that arrive before there is a participant are dropped.
    let receive: (datagram: Uint8Array, path: PathId) => void = () => {};
    const io = await options.openIo({ onPackets: eachPacket((packet, path) => receive(packet, path)) });
    const participant = new Participant(options, io);
    receive = (datagram, path) => participant.#receiveDatagram(datagram, path);
    return participant;
  }

  /** Makes the first offer. */
  join(): void {
    if (this.#options.voice !== false) this.#addVoice();
    this.#offer();
  }

  /** A description from the SFU that came by the client. */
  receive(description: SessionDescription): void {
    this.#whenAwake(() => this.#receiveDescription(description, this.#options.signal));
  }

  /** Begins to send a voice by renegotiation, as `addTrack` does: on the first section that never sent, or on a new one. */
  publishVoice(): void {
    this.#addVoice();
    this.#negotiate();
  }

  /** Offers what is agreed already, as an application may at any time. */
  renegotiate(): void {
    this.#offer();
  }

  /** Takes the newest voice away by renegotiation, as `removeTrack` does. */
  unpublishVoice(): void {
    const voice = this.#voices.pop();
    if (voice) this.#sections.removeTrack(voice);
    this.#negotiate();
  }

  /** Begins to send a video by renegotiation, as `addTransceiver` does: on a new section. */
  publishVideo(options: PublishVideoOptions = {}): LocalTrack {
    const [ssrc, rtxSsrc] = [this.#randomSsrc(), this.#randomSsrc()];
    const { streamId = `stream-${ssrc}`, trackId = `track-${ssrc}`, rids = [], codecs = ALL_VIDEO_CODECS } = options;
    const track: LocalTrack = { kind: 'video', streamId, trackId, ssrc, rtxSsrc, rids, codecs };
    this.#sections.addTrack(track);
    this.#negotiate();
    return track;
  }

  /** Sends frames of a published video, from now on and by itself, while it may flow. `options` are for its encodings in the order of their rids. */
  sendVideo(track: LocalTrack, ...options: readonly VideoEncodingOptions[]): SentVideo {
    const sent = this.#video.send(track, options);
    this.#wakeup.arm();
    return sent;
  }

  /** Takes a video away by renegotiation, as `removeTrack` does. */
  unpublishVideo(track: LocalTrack): void {
    this.#sections.removeTrack(track);
    this.#negotiate();
  }

  /** Encodings with which to send a video, as the SFU answered it. Undefined while it may not flow. */
  negotiated(track: LocalTrack): NegotiatedTrack | undefined {
    return this.#sections.negotiated(track);
  }

  /** The application is suspended, as on a phone that sleeps: messages wait. The connection continues. */
  sleep(): void {
    this.#postponed ??= [];
  }

  /** Deals with what came while it slept. */
  wake(): void {
    const postponed = this.#postponed ?? [];
    this.#postponed = undefined;
    for (const action of postponed) this.#whenAwake(action);
  }

  /** Stops or starts receiving what a session sends, by renegotiation: its sections turn inactive, or receive again. */
  setReceiving(senderID: string, receives: boolean): void {
    const mids = Object.keys(this.#mediaMap).filter((mid) => this.#mediaMap[mid]?.senderID === senderID);
    this.#sections.setReceiving(mids, receives);
    this.#negotiate();
  }

  /** Sends one packet of 20 ms of synthetic Opus. `level` is that of RFC 6464: 0 is the loudest, 127 silence. */
  sendVoice(level = 30): void {
    const { packet, rolloverCounter } = this.#media.nextPacket(level);
    this.#transport.sendRtp(packet, rolloverCounter);
  }

  /** Tells the SFU what its path carries, by its own estimate (REMB), as a receiver does that does not report arrivals. */
  sendEstimate(bitrateBps: number): void {
    const packet = Buffer.alloc(REMB_BYTES);
    this.#transport.sendRtcp(packet.subarray(0, writeRemb(packet, 0, 1, bitrateBps, [])));
  }

  /** Continues from other sockets, as after a change of network: checks from there, and nominates. */
  async moveTo(openIo: OpenParticipantIo): Promise<void> {
    const io = await openIo({ onPackets: eachPacket((packet, path) => this.#receiveDatagram(packet, path)) });
    await this.#transport.moveTo(io);
    this.#wakeup.arm();
  }

  /**
   * Offers new credentials, and checks under them once they are answered (RFC 8445 section 9). `isCutOff`: the path is gone, and the data
   * channel with it, so that the offer goes by the client.
   */
  restartIce(isCutOff = false): void {
    this.#isCutOff = isCutOff;
    this.#nextIce = newIceCredentials(this.#random);
    this.#negotiate();
  }

  /** Sends anything on the data channel. This and the next three are for what no participant should send. */
  sendRawMessage(data: Uint8Array | string): void {
    this.#transport.send(data);
    this.#wakeup.arm();
  }

  /** Sends anything as RTP, protected. */
  sendRawRtp(packet: Uint8Array, rolloverCounter = 0): void {
    this.#transport.sendRtp(packet, rolloverCounter);
  }

  /** Sends anything as RTCP, protected. */
  sendRawRtcp(compound: Uint8Array): void {
    this.#transport.sendRtcp(compound);
  }

  /** Sends anything as SCTP, encrypted. */
  sendRawSctp(packet: Uint8Array): void {
    this.#transport.sendSctp(packet);
  }

  /** Received media by the sessionID of its sender, and optionally the type of its track, as the last MediaMap named them. */
  received(senderID: string, type?: TrackType): ReceivedVoice | undefined {
    const mid = this.#midOf((entry) => entry.senderID === senderID && (type === undefined || entry.type === type));
    return mid === undefined ? undefined : this.#media.received(mid);
  }

  /** The video of a session that arrives, as the last MediaMap named it. */
  receivedVideo(senderID: string, type: TrackType = 'screen'): VideoReceiver | undefined {
    const mid = this.#midOf((entry) => entry.senderID === senderID && entry.type === type);
    return mid === undefined ? undefined : this.#video.received(mid);
  }

  /** The types of the tracks that the SFU announces from this session. */
  typesFrom(senderID: string): TrackType[] {
    return Object.values(this.#mediaMap)
      .filter((entry) => entry.senderID === senderID)
      .map(({ type }) => type);
  }

  /** Resolves once the SFU forwards a track of this session to us. */
  async hears(senderID: string): Promise<void> {
    // Offer and media map may take different routes, and then arrive in any order.
    while (!this.received(senderID)) await once(this, 'tracks');
  }

  /** Resolves once so many packets of this session have arrived. */
  async heard(senderID: string, packets: number): Promise<void> {
    while ((this.received(senderID)?.packets ?? 0) < packets) await once(this, 'voice');
  }

  /** Senders of the tracks that the SFU announces. */
  get senders(): string[] {
    return Object.values(this.#mediaMap).map(({ senderID }) => senderID);
  }

  /** Reports whether what the newest voice sends may flow, by the last descriptions of both sides. */
  get isSending(): boolean {
    const voice = this.#voices.at(-1);
    return voice !== undefined && this.#sections.isStable && this.#sections.isSending(voice);
  }

  /** SSRC of the newest voice. */
  get voiceSsrc(): number | undefined {
    return this.#voices.at(-1)?.ssrc;
  }

  /** State of each section as last agreed. */
  get sections(): readonly SectionState[] {
    return this.#sections.agreed;
  }

  /** Packets of no announced source. */
  get strayPackets(): number {
    return this.#media.strayPackets;
  }

  /** Compound RTCP packets that came, authentic. */
  get rtcpReceived(): number {
    return this.#media.rtcpReceived;
  }

  /** Requests the signaling lock; `lock` holds the answer. */
  requestLock(): void {
    this.#sendMessage({ type: 'lock' });
  }

  /** Gives the signaling lock back. */
  releaseLock(): void {
    this.#sendMessage({ type: 'unlock' });
  }

  /** Asks for a `pong` on the data channel. */
  ping(): void {
    this.#sendMessage({ type: 'ping' });
  }

  /** Shakes hands once more under the same certificate, as a browser does whose transport changes. */
  shakeHandsAgain(): void {
    this.#transport.shakeHandsAgain();
    this.#wakeup.arm();
  }

  /** Is gone without a word, as when its application is killed. */
  async vanish(): Promise<void> {
    this.#closed = true;
    this.#wakeup.cancel();
    await this.#transport.vanish();
  }

  /** Says goodbye and closes its sockets. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wakeup.cancel();
    await this.#transport.close();
  }

  #midOf(isMeant: (entry: MediaMapEntry) => boolean): string | undefined {
    return Object.entries(this.#mediaMap).find(([, entry]) => isMeant(entry))?.[0];
  }

  #randomSsrc(): number {
    return Buffer.from(this.#random(4)).readUInt32BE() || 1;
  }

  #addVoice(): void {
    const voice = this.#media.createVoice();
    this.#voices.push(voice);
    this.#sections.addTrack(voice);
  }

  /** Negotiates, as an application does on `negotiationneeded`. */
  #negotiate(): void {
    if (this.#sections.isStable && (this.#sections.needsNegotiation || this.#nextIce)) this.#offer();
  }

  #whenAwake(action: () => void): void {
    if (this.#closed) return;
    if (this.#postponed) this.#postponed.push(action);
    else action();
  }

  #offer(): void {
    const isOnChannel = this.#options.dcSignaling && this.#isOpen && !this.#isCutOff;
    const carry = isOnChannel ? this.#sendOnChannel : this.#options.signal;
    this.#send('offer', this.#sections.offer(), carry);
  }

  #send(
    type: 'offer' | 'answer',
    sections: readonly ParticipantSection[],
    carry: (description: SessionDescription) => void,
  ): void {
    const { fingerprint } = this.#certificate;
    const ice = type === 'offer' ? (this.#nextIce ?? this.#localIce) : this.#localIce;
    const origin = { sessionId: this.#sdpSessionId, version: ++this.#descriptions };
    const sdp = writeParticipantDescription({ type, origin, ice, fingerprint, sections });
    const description = this.#options.tamper ? this.#options.tamper({ type, sdp }) : { type, sdp };
    if (description) carry(description);
  }

  readonly #sendOnChannel = (description: SessionDescription): void => this.#sendMessage({ type: 'sdp', description });

  #receiveDescription(description: SessionDescription, reply: (description: SessionDescription) => void): void {
    const remote = parseDescription(description);
    try {
      if (description.type === 'answer') this.#applyAnswer(remote, description.sdp);
      else this.#applyOffer(remote, reply);
      this.emit('negotiated');
      this.emit('tracks');
    } catch (error) {
      if (!(error instanceof DescriptionError)) throw error;
      this.emit('refused', error.message);
    }
    if (this.#transport.isStarted) this.#negotiate();
    this.#wakeup.arm();
  }

  #applyAnswer(answer: RemoteDescription, sdp: string): void {
    this.#sections.applyAnswer(answer, this.#options.tamper !== undefined);
    if (!this.#transport.isStarted) this.#transport.start(this.#localIce, answer, this.#reachable(sdp));
    else if (this.#nextIce) {
      this.#localIce = this.#nextIce;
      this.#transport.checkWith(this.#localIce, answer.ice);
    }
    this.#nextIce = undefined;
    this.#isCutOff = false;
    this.#remoteIce = answer.ice;
    this.#media.sync(answer.sections);
    this.#video.sync(answer.sections, this.#clock.nowMs());
    this.emit('answered');
  }

  /** Being polite, it gives up an offer of its own that collides, and repeats it afterwards. Other credentials restart ICE (RFC 8839 section 4.4.1.1.1). */
  #applyOffer(offer: RemoteDescription, reply: (description: SessionDescription) => void): void {
    const sections = this.#sections.answer(offer);
    for (const remote of offer.sections) this.#checkSender(remote);
    this.#media.sync(offer.sections);
    this.#video.sync(offer.sections, this.#clock.nowMs());
    const isRestart = this.#remoteIce !== undefined && this.#remoteIce.ufrag !== offer.ice.ufrag;
    if (isRestart) this.#localIce = newIceCredentials(this.#random);
    this.#remoteIce = offer.ice;
    this.#send('answer', sections, reply);
    if (isRestart) this.#transport.checkWith(this.#localIce, offer.ice);
  }

  #checkSender({ mid, streamId, rejected }: RemoteSection): void {
    if (rejected || streamId === '') return;
    const known = this.#senders.get(mid);
    if (known !== undefined && known !== streamId)
      throw new Error(`section ${mid} continues with stream ${streamId} instead of ${known}`);
    this.#senders.set(mid, streamId);
  }

  /** Candidates of the SFU that our sockets may reach: those at an address of ours, or else all of our protocols and address families. */
  #reachable(sdp: string): readonly Candidate[] {
    const { candidateType } = this.#options;
    const locals = this.#transport.localAddresses;
    const candidates = candidatesOf(sdp).filter(
      ({ protocol, address, type }) =>
        (candidateType === undefined || candidateType === type) &&
        locals.some((local) => local.protocol === protocol && local.family === isIP(address)),
    );
    if (candidates.length === 0) throw new Error('the description of the SFU contains no candidate for our sockets');
    const own = candidates.filter(({ address }) => locals.some((local) => local.address === address));
    return own.length > 0 ? own : candidates;
  }

  #createTransport(io: PacketIo): ParticipantTransport {
    return new ParticipantTransport(
      io,
      {
        certificate: this.#certificate,
        clock: this.#clock,
        random: this.#random,
        nominatesOnce: this.#options.nominatesOnce ?? false,
      },
      {
        onConnected: () => {
          this.#isConnected = true;
          this.emit('connected');
        },
        onChannelOpen: () => {
          this.#isOpen = true;
          this.emit('open');
        },
        onMessage: (data) => this.#receiveMessage(data),
        onRtp: (packet) => {
          if (this.#video.receive(packet, this.#clock.nowMs())) return;
          this.#media.receive(packet);
          this.emit('voice');
        },
        onRtcp: (compound) => {
          this.#media.rtcpReceived += 1;
          this.#video.receiveRtcp(compound, this.#clock.nowMs());
          this.emit('rtcp', compound);
        },
        onClosed: (reason) => this.emit('closed', reason),
      },
    );
  }

  #receiveMessage(data: Uint8Array | string): void {
    if (typeof data === 'string') return;
    const message = decodeDataChannelMessage(data);
    this.#whenAwake(() => this.#dispatch(message));
  }

  #dispatch(message: DataChannelMessage): void {
    if (message.type === 'sdp') this.#receiveDescription(message.description, this.#sendOnChannel);
    else if (message.type === 'mediaMap') this.#receiveMediaMap(message.map);
    else if (message.type === 'lock') this.emit('lock', message.granted === true);
    else if (message.type === 'pong') this.emit('pong');
  }

  #receiveMediaMap(map: MediaMap): void {
    this.#mediaMap = map;
    this.emit('tracks');
  }

  #sendMessage(message: DataChannelMessage): void {
    this.sendRawMessage(encodeDataChannelMessage(message));
  }

  #receiveDatagram(datagram: Uint8Array, path: PathId): void {
    if (this.#closed) return;
    this.#transport.receive(Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength), path);
    this.#wakeup.arm();
  }
}
