import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { eachPacket, type PacketIo, type PacketIoOptions, type PathId } from '@rtcd/packet-io';
import type { SessionDescription } from '@rtcd/protocol';
import { createDtlsCertificate, type DtlsCertificate } from '../dtls/crypto/certificate.ts';
import { RtcError } from '../errors.ts';
import type { Candidate } from '../ice/candidate.ts';
import { type IceCredentials, newIceCredentials } from '../ice/credentials.ts';
import { Wakeup } from '../io/wakeup.ts';
import { type Clock, type Random, systemClock } from '../ports.ts';
import { SctpError } from '../sctp/errors.ts';
import type { RemoteDescription } from '../sdp/description.ts';
import { parseDescription } from '../sdp/parse.ts';
import type { LocalTrack, ParticipantSection } from './participant-sdp.ts';
import { writeParticipantDescription } from './participant-sdp.ts';
import { DescriptionError, ParticipantSections } from './participant-sections.ts';
import { ParticipantTransport } from './participant-transport.ts';
import { PeerMedia, type RemoteTrack, type TrackStats } from './peer-media.ts';
import type { ReceivedFrame } from './received-frame.ts';
import { VoiceSender } from './voice-sender.ts';

/** Options of a connection. */
export interface PeerConnectionOptions {
  /** Opens the sockets: `openPacketIo` with the addresses to send from, or an end of a simulated network. */
  readonly openIo: (handlers: Pick<PacketIoOptions, 'onPackets'>) => Promise<PacketIo>;
  /** CNAME of its reports (RFC 3550 section 6.5.1), for example the sessionID. */
  readonly cname: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Owner of a connection. Nothing is called back before `PeerConnection.open` has resolved. */
export interface PeerConnectionOwner {
  /** ICE and DTLS are through: media may flow. */
  onConnected(): void;
  /** The data channel `calls-dc` is open. */
  onChannelOpen(): void;
  /** A message came on the data channel; bytes are borrowed until return. */
  onMessage(data: Uint8Array | string): void;
  /** An own offer was answered. */
  onAnswered(): void;
  /** A description came that was not taken, and why. Nothing has changed. */
  onRefused(reason: string): void;
  /** The SFU sends one more track. */
  onTrack(track: RemoteTrack): void;
  /** It no longer does. */
  onTrackEnded(track: RemoteTrack): void;
  /** The next frame of a track arrived, in order. */
  onFrame(track: RemoteTrack, frame: ReceivedFrame): void;
  /** The SFU does not answer, or has ended the connection. Called once, unless `close` came first. */
  onClosed(reason: string): void;
}

/** Carries a description to the SFU. */
export type CarryDescription = (description: SessionDescription) => void;

/**
 * The browser's side of a call: offers, answers, and one bundled transport with a data channel, Opus both ways, and the VP8 that the SFU
 * sends. ICE, DTLS, SRTP, and SCTP are those of the SFU, and what arrives is checked and bounded alike.
 */
export class PeerConnection {
  readonly #owner: PeerConnectionOwner;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #certificate: DtlsCertificate;
  readonly #transport: ParticipantTransport;
  readonly #sections = new ParticipantSections(true, ['VP8'], false);
  readonly #media: PeerMedia;
  readonly #wakeup: Wakeup;
  readonly #sdpSessionId: number;
  readonly #voices = new Set<VoiceSender>();
  #localIce: IceCredentials;
  /** Offered in a restart that is not answered yet. */
  #nextIce: IceCredentials | undefined;
  #remoteIce: IceCredentials | undefined;
  #descriptions = 0;
  #isConnected = false;
  #isClosed = false;

  private constructor(options: PeerConnectionOptions, owner: PeerConnectionOwner, io: PacketIo) {
    this.#owner = owner;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? randomBytes;
    this.#certificate = createDtlsCertificate();
    this.#localIce = newIceCredentials(this.#random);
    this.#sdpSessionId = this.#randomUint32();
    this.#transport = this.#createTransport(io);
    this.#media = new PeerMedia({
      clock: this.#clock,
      ssrc: this.#randomUint32(),
      cname: options.cname,
      sendRtcp: (compound) => {
        if (this.#isConnected) this.#transport.sendRtcp(compound);
      },
      onTrack: (track) => owner.onTrack(track),
      onTrackEnded: (track) => owner.onTrackEnded(track),
      onFrame: (track, frame) => owner.onFrame(track, frame),
    });
    this.#wakeup = new Wakeup(
      this.#clock,
      () => Math.min(this.#transport.deadline(), this.#media.deadline()),
      (nowMs) => {
        this.#transport.timeout(nowMs);
        this.#media.timeout(nowMs);
      },
    );
  }

  /** Opens the sockets. Nothing is sent before the first offer. Rejects as `openIo` does. */
  static async open(options: PeerConnectionOptions, owner: PeerConnectionOwner): Promise<PeerConnection> {
    // Packets that arrive before there is a connection are dropped.
    let receive: (datagram: Uint8Array, path: PathId) => void = () => {};
    const io = await options.openIo({ onPackets: eachPacket((packet, path) => receive(packet, path)) });
    const connection = new PeerConnection(options, owner, io);
    receive = (datagram, path) => connection.#receiveDatagram(datagram, path);
    return connection;
  }

  /** Reports whether no own offer waits for its answer. */
  get isStable(): boolean {
    return this.#sections.isStable;
  }

  /** Reports whether an offer would contain something new. */
  get needsNegotiation(): boolean {
    return this.#sections.needsNegotiation || this.#nextIce !== undefined;
  }

  /** Makes an offer: the first one, or one with what has changed. It is pending until `receive` gets the answer. */
  offer(carry: CarryDescription): void {
    this.#write('offer', this.#sections.offer(), carry);
  }

  /** Takes a description of the SFU. `reply` carries the answer to an offer. */
  receive(description: SessionDescription, reply: CarryDescription): void {
    if (this.#isClosed) return;
    try {
      const remote = parseDescription(description);
      if (description.type === 'answer') this.#applyAnswer(remote);
      else this.#applyOffer(remote, reply);
      this.#media.sync(remote.sections, this.#clock.nowMs());
    } catch (error) {
      if (!(error instanceof DescriptionError || error instanceof RtcError)) throw error;
      this.#owner.onRefused(error.message);
    }
    this.#wakeup.arm();
  }

  /** Adds a voice, which may flow once it is negotiated: `needsNegotiation` tells whether that takes an offer. */
  addVoice(): VoiceSender {
    const ssrc = this.#randomUint32();
    const ids = { streamId: `stream-${ssrc}`, trackId: `voice-${ssrc}` };
    const track: LocalTrack = { kind: 'audio', ...ids, ssrc, rids: [], codecs: [] };
    const voice: VoiceSender = new VoiceSender(track, {
      clock: this.#clock,
      sendRtp: (packet, rolloverCounter) => {
        if (this.canSend(voice)) this.#transport.sendRtp(packet, rolloverCounter);
      },
    });
    this.#voices.add(voice);
    this.#sections.addTrack(track);
    this.#media.setVoices([...this.#voices]);
    return voice;
  }

  /** Reports whether frames of a voice are sent: it is connected, and the voice is negotiated. */
  canSend({ track }: VoiceSender): boolean {
    return this.#isConnected && !this.#isClosed && this.#sections.isSending(track);
  }

  /** Reception of a track so far, undefined if the SFU does not send it. */
  stats(track: RemoteTrack): TrackStats | undefined {
    return this.#media.stats(track);
  }

  /** Asks the sender of a video that the SFU sends for a key frame. */
  requestKeyframe(track: RemoteTrack): void {
    this.#media.requestKeyframe(track);
  }

  /** Sends a message on the data channel. Returns false if the SFU has not taken those before it, or the channel is closed. */
  send(data: Uint8Array): boolean {
    try {
      this.#transport.send(data);
    } catch (error) {
      if (error instanceof SctpError) return false;
      throw error;
    }
    this.#wakeup.arm();
    return true;
  }

  /** Makes the next offer one with new credentials, under which paths are checked again (RFC 8445 section 9). */
  restartIce(): void {
    this.#nextIce = newIceCredentials(this.#random);
  }

  /** Says goodbye and closes the sockets. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wakeup.cancel();
    await this.#transport.close();
  }

  #applyAnswer(answer: RemoteDescription): void {
    const remotes = this.#transport.isStarted ? [] : this.#reachable(answer.candidates);
    this.#sections.applyAnswer(answer);
    if (!this.#transport.isStarted) this.#transport.start(this.#localIce, answer, remotes);
    else if (this.#nextIce) {
      this.#localIce = this.#nextIce;
      this.#transport.checkWith(this.#localIce, answer.ice);
    }
    this.#nextIce = undefined;
    this.#remoteIce = answer.ice;
    this.#owner.onAnswered();
  }

  /** Being polite, it gives up an offer of its own that collides; `needsNegotiation` then says so. Other credentials restart ICE (RFC 8839 section 4.4.1.1.1). */
  #applyOffer(offer: RemoteDescription, reply: CarryDescription): void {
    const sections = this.#sections.answer(offer);
    const isRestart = this.#remoteIce !== undefined && this.#remoteIce.ufrag !== offer.ice.ufrag;
    if (isRestart) this.#localIce = newIceCredentials(this.#random);
    this.#remoteIce = offer.ice;
    this.#write('answer', sections, reply);
    if (isRestart && this.#transport.isStarted) this.#transport.checkWith(this.#localIce, offer.ice);
  }

  #write(type: 'offer' | 'answer', sections: readonly ParticipantSection[], carry: CarryDescription): void {
    const ice = type === 'offer' ? (this.#nextIce ?? this.#localIce) : this.#localIce;
    const origin = { sessionId: this.#sdpSessionId, version: ++this.#descriptions };
    const { fingerprint } = this.#certificate;
    carry({ type, sdp: writeParticipantDescription({ type, origin, ice, fingerprint, sections }) });
  }

  /** Candidates of our protocols and address families. */
  #reachable(candidates: readonly Candidate[]): readonly Candidate[] {
    const locals = this.#transport.localAddresses;
    const reachable = candidates.filter(({ protocol, address, port }) =>
      locals.some((local) => port > 0 && local.protocol === protocol && local.family === isIP(address)),
    );
    if (reachable.length === 0) throw new DescriptionError('an answer without a candidate for our sockets');
    return reachable;
  }

  #createTransport(io: PacketIo): ParticipantTransport {
    const options = {
      certificate: this.#certificate,
      clock: this.#clock,
      random: this.#random,
      nominatesOnce: false,
    };
    return new ParticipantTransport(io, options, {
      onConnected: () => {
        this.#isConnected = true;
        this.#media.start(this.#clock.nowMs());
        this.#owner.onConnected();
      },
      onChannelOpen: () => this.#owner.onChannelOpen(),
      onMessage: (data) => this.#owner.onMessage(data),
      onRtp: (packet) => this.#media.receiveRtp(packet, this.#clock.nowMs()),
      onRtcp: (compound) => this.#media.receiveRtcp(compound, this.#clock.nowMs()),
      onClosed: (reason) => this.#onClosed(reason),
      onConsentExpired: () => this.#onClosed('timeout'),
    });
  }

  #onClosed(reason: string): void {
    if (!this.#isClosed) this.#owner.onClosed(reason);
  }

  #receiveDatagram(datagram: Uint8Array, path: PathId): void {
    if (this.#isClosed) return;
    this.#transport.receive(Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength), path);
    this.#wakeup.arm();
  }

  #randomUint32(): number {
    return Buffer.from(this.#random(4)).readUInt32BE() || 1;
  }
}
