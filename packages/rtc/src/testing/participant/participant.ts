import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { PacketIo, PacketIoOptions, Path, SrtpKeys, SrtpReceiver } from '@rtcd/packet-io';
import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  encodeDataChannelMessage,
  type MediaMap,
  type SessionDescription,
} from '@rtcd/protocol';
import { createDtlsCertificate, type DtlsCertificate } from '../../dtls/certificate.ts';
import { newIceCredentials } from '../../ice/credentials.ts';
import { systemClock } from '../../io/system-clock.ts';
import { Wakeup } from '../../io/wakeup.ts';
import type { Clock, Random } from '../../ports.ts';
import { classify } from '../../rtp/classify.ts';
import { type DataChannel, DataChannels } from '../../sctp/data-channels.ts';
import type { RemoteDescription } from '../../sdp/description.ts';
import { parseDescription } from '../../sdp/parse.ts';
import { DtlsClient } from '../dtls-client.ts';
import { IceClient } from './ice-client.ts';
import { ParticipantMedia, type ReceivedVoice } from './participant-media.ts';
import { candidatesOf, type ParticipantSection, writeParticipantDescription } from './participant-sdp.ts';

export interface ParticipantOptions {
  /** The participant's own sockets; `openPacketIo` on loopback, or an end of a simulated network. */
  readonly openIo: (handlers: Pick<PacketIoOptions, 'onDatagram'>) => Promise<PacketIo>;
  /** Carries a description to the SFU, as a client would: over the WebSocket and `sfu.receive`. */
  readonly signal: (description: SessionDescription) => void;
  /** Renegotiate over the data channel once it is open, as a peer does that joined with `dcSignaling`. Default false. */
  readonly dcSignaling?: boolean;
  /** Sends a voice from the first offer on. Default true. */
  readonly voice?: boolean;
  /** Made once and shared by many participants, it saves their time. */
  readonly certificate?: DtlsCertificate;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface ParticipantEvents {
  /** ICE and DTLS are through: media may flow. */
  connected: [];
  /** The data channel is open. */
  open: [];
  /** An offer/answer exchange is complete. */
  negotiated: [];
  /** Which tracks the SFU sends, or whose they are, may have changed. */
  tracks: [];
  /** The answer to `requestLock`. */
  lock: [granted: boolean];
  pong: [];
  /** A packet of somebody's voice arrived. */
  voice: [];
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
  readonly #io: PacketIo;
  readonly #wakeup: Wakeup;
  readonly #localIce: ReturnType<typeof newIceCredentials>;
  readonly #media: ParticipantMedia;
  readonly #sections: ParticipantSection[] = [{ mid: '0', kind: 'application', direction: 'sendrecv' }];
  #path: Path | undefined;
  #ice: IceClient | undefined;
  #dtls: DtlsClient | undefined;
  #channels: DataChannels | undefined;
  #channel: DataChannel | undefined;
  #srtp: SrtpReceiver | undefined;
  #mediaMap: MediaMap = {};
  #isOpen = false;
  #pendingOffer = false;
  #closed = false;

  private constructor(options: ParticipantOptions, io: PacketIo) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? randomBytes;
    this.#certificate = options.certificate ?? createDtlsCertificate();
    this.#io = io;
    this.#localIce = newIceCredentials(this.#random);
    this.#media = new ParticipantMedia(io, this.#random);
    this.#wakeup = new Wakeup(
      this.#clock,
      () => this.#deadline(),
      (nowMs) => this.#timeout(nowMs),
    );
  }

  static async open(options: ParticipantOptions): Promise<Participant> {
    let receive: (datagram: Buffer) => void = () => {};
    const io = await options.openIo({
      onDatagram: (datagram) => receive(Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength)),
    });
    const participant = new Participant(options, io);
    receive = (datagram) => participant.#receiveDatagram(datagram);
    return participant;
  }

  /** Makes the first offer. */
  join(): void {
    if (this.#options.voice !== false) this.#addVoiceSection();
    this.#offer();
  }

  /** A description from the SFU that came by the client. */
  receive(description: SessionDescription): void {
    this.#receiveDescription(description, this.#options.signal);
  }

  /** Begins to send a voice by renegotiation. */
  publishVoice(): void {
    this.#addVoiceSection();
    this.#offer();
  }

  /** Sends one packet of 20 ms of synthetic Opus. `level` is that of RFC 6464: 0 is the loudest, 127 silence. */
  sendVoice(level = 30): void {
    this.#media.sendVoice(level);
  }

  /** What arrives, by the sessionID of its sender as the last MediaMap named it. */
  received(senderID: string): ReceivedVoice | undefined {
    const [mid] = Object.entries(this.#mediaMap).find(([, entry]) => entry.senderID === senderID) ?? [];
    return mid === undefined ? undefined : this.#media.received(mid);
  }

  /** Resolves once the SFU forwards a track of this session to us. */
  async hears(senderID: string): Promise<void> {
    // Offer and media map may take different ways, and then come in any order.
    while (!this.received(senderID)) await once(this, 'tracks');
  }

  /** Resolves once so many packets of this session have arrived. */
  async heard(senderID: string, packets: number): Promise<void> {
    while ((this.received(senderID)?.packets ?? 0) < packets) await once(this, 'voice');
  }

  /** Whose tracks the SFU says that it sends. */
  get senders(): string[] {
    return Object.values(this.#mediaMap).map(({ senderID }) => senderID);
  }

  /** Compound RTCP packets that came, authentic. */
  get rtcpReceived(): number {
    return this.#media.rtcpReceived;
  }

  requestLock(): void {
    this.#sendMessage({ type: 'lock' });
  }

  releaseLock(): void {
    this.#sendMessage({ type: 'unlock' });
  }

  ping(): void {
    this.#sendMessage({ type: 'ping' });
  }

  /** Says goodbye and closes its sockets. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wakeup.cancel();
    this.#channels?.close(this.#clock.nowMs());
    this.#dtls?.close();
    await this.#io.close();
  }

  #addVoiceSection(): void {
    const highest = Math.max(...this.#sections.map(({ mid }) => Number(mid)));
    const voice = this.#media.createVoice();
    this.#sections.push({ mid: String(highest + 1), kind: 'audio', direction: 'sendrecv', voice });
  }

  #offer(): void {
    this.#pendingOffer = true;
    const carry = this.#options.dcSignaling && this.#isOpen ? this.#sendOnChannel : this.#options.signal;
    carry(this.#describe('offer'));
  }

  #describe(type: 'offer' | 'answer'): SessionDescription {
    const { fingerprint } = this.#certificate;
    const sdp = writeParticipantDescription({ type, ice: this.#localIce, fingerprint, sections: this.#sections });
    return { type, sdp };
  }

  readonly #sendOnChannel = (description: SessionDescription): void => this.#sendMessage({ type: 'sdp', description });

  #receiveDescription(description: SessionDescription, reply: (description: SessionDescription) => void): void {
    const remote = parseDescription(description);
    if (description.type === 'answer') this.#applyAnswer(remote, description.sdp);
    else this.#applyOffer(remote, reply);
    this.emit('negotiated');
    this.emit('tracks');
    this.#wakeup.arm();
  }

  #applyAnswer(answer: RemoteDescription, sdp: string): void {
    this.#pendingOffer = false;
    if (!this.#ice) this.#connect(answer, sdp);
    this.#media.sync(answer.sections);
  }

  /** Being polite, it gives up an offer of its own that collides, and repeats it afterwards. */
  #applyOffer(offer: RemoteDescription, reply: (description: SessionDescription) => void): void {
    const rolledBack = this.#pendingOffer ? this.#sections.splice(offer.sections.length) : [];
    for (const [index, remote] of offer.sections.entries()) {
      if (!this.#sections[index]) this.#sections.push({ mid: remote.mid, kind: remote.kind, direction: 'recvonly' });
      const section = this.#sections[index]!;
      if (section.voice === undefined && section.kind !== 'application') {
        section.direction = remote.direction === 'inactive' ? 'inactive' : 'recvonly';
      }
    }
    this.#media.sync(offer.sections);
    reply(this.#describe('answer'));
    if (!this.#pendingOffer) return;
    for (const section of rolledBack) this.#sections.push({ ...section, mid: String(this.#sections.length) });
    this.#offer();
  }

  #connect(answer: RemoteDescription, sdp: string): void {
    const nowMs = this.#clock.nowMs();
    this.#path = this.#choosePath(sdp);
    const transmit = (datagram: Uint8Array) => this.#io.transmit(datagram, this.#path!);
    this.#ice = new IceClient(
      {
        local: this.#localIce,
        remote: answer.ice,
        random: this.#random,
        transmit,
        onConnected: () => this.#startDtls(),
      },
      nowMs,
    );
    this.#dtls = new DtlsClient(
      { certificate: this.#certificate, remoteFingerprint: answer.fingerprint, random: this.#random },
      {
        transmit,
        onConnected: ({ local, remote }) => this.#onKeys(local, remote),
        onData: (packet) => this.#channels?.receive(packet, this.#clock.nowMs()),
        onClosed: (reason) => this.emit('closed', reason),
      },
    );
  }

  /** The SFU's loopback address if we are on loopback too, else its first. */
  #choosePath(sdp: string): Path {
    const [own] = this.#io.localAddresses;
    const candidates = candidatesOf(sdp).filter(({ protocol }) => protocol === 'udp');
    const candidate = candidates.find(({ address }) => address === own?.address) ?? candidates[0];
    if (!candidate) throw new Error('the SFU names no UDP candidate');
    return { local: 0, address: candidate.address, port: candidate.port };
  }

  #startDtls(): void {
    this.#dtls?.start(this.#clock.nowMs());
  }

  #onKeys(local: SrtpKeys, remote: SrtpKeys): void {
    this.#srtp = this.#io.createReceiver(remote, { maxSsrcs: 2048 });
    this.#media.connected(this.#io.openSlot(this.#path!, local));
    this.#channels = new DataChannels(
      { dtlsRole: 'client', random: this.#random, remoteMaxMessageSizeBytes: 65_536, maxMessageSizeBytes: 262_144 },
      {
        transmit: (packet) => this.#dtls?.send(packet),
        onChannelOpen: () => {
          this.#isOpen = true;
          this.emit('open');
        },
        onMessage: (_, data) => this.#receiveMessage(data),
        onChannelClosed() {},
        onClosed() {},
      },
    );
    this.#channels.connect(this.#clock.nowMs());
    this.#channel = this.#channels.open('calls-dc', this.#clock.nowMs());
    this.emit('connected');
  }

  #receiveMessage(data: Uint8Array | string): void {
    if (typeof data === 'string') return;
    const message = decodeDataChannelMessage(data);
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
    if (!this.#channels || !this.#channel) throw new Error('the data channel is not open');
    this.#channels.send(this.#channel, encodeDataChannelMessage(message), this.#clock.nowMs());
    this.#wakeup.arm();
  }

  #receiveDatagram(datagram: Buffer): void {
    if (this.#closed) return;
    switch (classify(datagram)) {
      case 'stun':
        this.#ice?.receive(datagram);
        break;
      case 'dtls':
        this.#dtls?.receive(datagram, this.#clock.nowMs());
        break;
      case 'rtp':
        this.#receiveRtp(datagram);
        break;
      case 'rtcp':
        if ((this.#srtp?.unprotectRtcp(datagram) ?? 0) > 0) this.#media.rtcpReceived += 1;
        break;
      default:
    }
    this.#wakeup.arm();
  }

  #receiveRtp(datagram: Buffer): void {
    const length = this.#srtp?.unprotectRtp(datagram) ?? 0;
    if (length <= 0) return;
    this.#media.receive(datagram.subarray(0, length));
    this.emit('voice');
  }

  #deadline(): number {
    return Math.min(
      this.#ice?.deadline() ?? Number.POSITIVE_INFINITY,
      this.#dtls?.deadline() ?? Number.POSITIVE_INFINITY,
      this.#channels?.deadline() ?? Number.POSITIVE_INFINITY,
    );
  }

  #timeout(nowMs: number): void {
    this.#ice?.timeout(nowMs);
    this.#dtls?.timeout(nowMs);
    this.#channels?.timeout(nowMs);
  }
}
