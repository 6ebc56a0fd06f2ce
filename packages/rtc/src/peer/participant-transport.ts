import { isIP } from 'node:net';
import {
  DESCRIPTOR_WORDS,
  type LocalAddress,
  type PacketIo,
  type PathId,
  type SrtpKeys,
  type SrtpReceiver,
} from '@rtcd/packet-io';
import type { DtlsCertificate } from '../dtls/crypto/certificate.ts';
import type { Fingerprint } from '../dtls/crypto/fingerprint.ts';
import type { Candidate } from '../ice/candidate.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import type { Clock, Random } from '../ports.ts';
import { RTP_HEADER_SIZE, rtpHeaderLength } from '../rtp/header.ts';
import { type DataChannel, DataChannels } from '../sctp/data-channels.ts';
import type { RemoteDescription } from '../sdp/description.ts';
import { classify } from '../transport/demux.ts';
import { DtlsClient } from './dtls-client.ts';
import { IceClient } from './ice-client.ts';

/** Address of the SFU, as a candidate names it. */
type Remote = Pick<Candidate, 'protocol' | 'address' | 'port'>;

export interface ParticipantTransportOptions {
  readonly certificate: DtlsCertificate;
  readonly clock: Clock;
  readonly random: Random;
  readonly nominatesOnce: boolean;
}

export interface ParticipantTransportOwner {
  /** ICE and DTLS are through: media may flow. */
  onConnected(): void;
  onChannelOpen(): void;
  onMessage(data: Uint8Array | string): void;
  onRtp(packet: Buffer): void;
  onRtcp(compound: Buffer): void;
  onClosed(reason: string): void;
  /** The SFU has not answered checks for so long that nothing more may be sent to it. */
  onConsentExpired?(): void;
}

/** The browser's side of one bundled transport: full ICE, DTLS client, SRTP, and the data channel `calls-dc`. */
export class ParticipantTransport {
  readonly #options: ParticipantTransportOptions;
  readonly #owner: ParticipantTransportOwner;
  readonly #descriptor = new Uint32Array(DESCRIPTOR_WORDS);
  #io: PacketIo;
  /** Addresses of the SFU by the path to each: those to check, then the one that answered first. */
  #remotes: ReadonlyMap<PathId, Remote> = new Map();
  #ice: IceClient | undefined;
  #remoteFingerprint: Fingerprint | undefined;
  #dtls: DtlsClient | undefined;
  #channels: DataChannels | undefined;
  #channel: DataChannel | undefined;
  #srtp: { slot: number; readonly keys: SrtpKeys; readonly receiver: SrtpReceiver } | undefined;

  constructor(io: PacketIo, options: ParticipantTransportOptions, owner: ParticipantTransportOwner) {
    this.#io = io;
    this.#options = options;
    this.#owner = owner;
  }

  get isStarted(): boolean {
    return this.#dtls !== undefined;
  }

  /** The addresses that it sends from. */
  get localAddresses(): readonly LocalAddress[] {
    return this.#io.localAddresses;
  }

  /** Begins with the SFU's first answer, towards its addresses. */
  start(local: IceCredentials, answer: RemoteDescription, remotes: readonly Remote[]): void {
    this.#remotes = this.#openPaths(remotes);
    this.#remoteFingerprint = answer.fingerprint;
    this.#dtls = this.#createDtls(answer.fingerprint);
    this.checkWith(local, answer.ice);
  }

  /** Repeats the handshake under the same certificate, as a browser does whose transport changes. Data channels continue. */
  shakeHandsAgain(): void {
    this.#dtls = this.#createDtls(this.#remoteFingerprint!);
    this.#dtls.start(this.#nowMs);
  }

  /** Checks under these credentials from now on: the first ones, or those of an ICE restart. */
  checkWith(local: IceCredentials, remote: IceCredentials): void {
    const isRestart = this.#ice !== undefined;
    this.#ice = new IceClient(
      {
        local,
        remote,
        random: this.#options.random,
        nominatesOnce: this.#options.nominatesOnce,
        paths: [...this.#remotes.keys()],
        addressOf: (path) => this.#io.pathOf(path),
        transmit: (datagram, path) => this.#io.transmit(datagram, path),
        onConnected: (path) => {
          this.#remotes = new Map([...this.#remotes].filter(([other]) => other === path));
          if (!isRestart) this.#dtls?.start(this.#nowMs);
        },
        onConsentExpired: () => this.#owner.onConsentExpired?.(),
      },
      this.#nowMs,
    );
  }

  /** Continues from another address, as after a change of network. */
  async moveTo(io: PacketIo): Promise<void> {
    const before = this.#io;
    this.#io = io;
    this.#remotes = this.#openPaths([...this.#remotes.values()]);
    if (this.#srtp) this.#srtp.slot = io.openSlot(this.#path, this.#srtp.keys);
    this.#ice?.moveTo([...this.#remotes.keys()], this.#nowMs);
    await before.close();
  }

  /** On the data channel, as it is. */
  send(data: Uint8Array | string): void {
    if (!this.#channels || !this.#channel) throw new Error('the data channel is not open');
    this.#channels.send(this.#channel, data, this.#nowMs);
  }

  /** Protects and sends whatever looks enough like RTP to be protected. */
  sendRtp(packet: Uint8Array, rolloverCounter = 0): void {
    const bytes = Buffer.from(packet);
    const claimed = rtpHeaderLength(bytes);
    const headerLength = claimed < 0 ? RTP_HEADER_SIZE : claimed;
    this.#descriptor.set([this.#slot, rolloverCounter, 0, headerLength, 0, headerLength, bytes.length - headerLength]);
    this.#io.send(bytes, this.#descriptor, 1);
  }

  sendRtcp(compound: Uint8Array): void {
    this.#io.sendRtcp(this.#slot, compound);
  }

  /** Sends bytes as application data of DTLS, where SCTP packets are expected. */
  sendSctp(packet: Uint8Array): void {
    this.#dtls?.send(packet);
  }

  receive(datagram: Buffer, path: PathId): void {
    switch (classify(datagram)) {
      case 'stun':
        return this.#ice?.receive(datagram, path, this.#nowMs);
      case 'dtls':
        return this.#dtls?.receive(datagram, this.#nowMs);
      case 'rtp': {
        const length = this.#srtp?.receiver.unprotectRtp(datagram) ?? 0;
        if (length > 0) this.#owner.onRtp(datagram.subarray(0, length));
        return;
      }
      case 'rtcp': {
        const length = this.#srtp?.receiver.unprotectRtcp(datagram) ?? 0;
        if (length > 0) this.#owner.onRtcp(datagram.subarray(0, length));
        return;
      }
      default:
        return;
    }
  }

  deadline(): number {
    return Math.min(
      this.#ice?.deadline() ?? Number.POSITIVE_INFINITY,
      this.#dtls?.deadline() ?? Number.POSITIVE_INFINITY,
      this.#channels?.deadline() ?? Number.POSITIVE_INFINITY,
    );
  }

  timeout(nowMs: number): void {
    this.#ice?.timeout(nowMs);
    this.#dtls?.timeout(nowMs);
    this.#channels?.timeout(nowMs);
  }

  /** Closes the sockets without a word. */
  async vanish(): Promise<void> {
    await this.#io.close();
  }

  /** Says goodbye and closes the sockets. */
  async close(): Promise<void> {
    this.#channels?.close(this.#nowMs);
    this.#dtls?.close();
    await this.#io.close();
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  get #path(): PathId {
    const [path] = this.#remotes.keys();
    if (path === undefined) throw new Error('not started');
    return path;
  }

  get #slot(): number {
    if (!this.#srtp) throw new Error('not connected');
    return this.#srtp.slot;
  }

  #createDtls(remoteFingerprint: Fingerprint): DtlsClient {
    const { certificate, random } = this.#options;
    return new DtlsClient(
      { certificate, remoteFingerprint, random },
      {
        transmit: (datagram) => this.#transmit(datagram),
        onConnected: ({ local, remote }) => this.#connected(local, remote),
        onData: (packet) => this.#channels?.receive(packet, this.#nowMs),
        onClosed: (reason) => this.#owner.onClosed(reason),
      },
    );
  }

  #openPaths(remotes: readonly Remote[]): ReadonlyMap<PathId, Remote> {
    return new Map(remotes.map((remote) => [this.#openPath(remote), remote]));
  }

  /** From a socket of the remote's protocol. If there is none, the SFU has the same address and port for the other. */
  #openPath({ protocol, address, port }: Remote): PathId {
    const local = this.#io.localAddresses.findIndex((one) => one.protocol === protocol && one.family === isIP(address));
    return this.#io.openPath({ local: Math.max(0, local), address, port });
  }

  #transmit(datagram: Uint8Array): void {
    this.#io.transmit(datagram, this.#path);
  }

  #connected(keys: SrtpKeys, remote: SrtpKeys): void {
    const receiver = this.#io.createReceiver(remote, { maxSsrcs: 2048 });
    this.#srtp = { slot: this.#io.openSlot(this.#path, keys), keys, receiver };
    if (this.#channels) return this.#owner.onConnected();
    this.#channels = new DataChannels(
      // Of any size: to refuse what is too large is the SFU's part.
      {
        dtlsRole: 'client',
        random: this.#options.random,
        remoteMaxMessageSizeBytes: 0,
        maxMessageSizeBytes: 262_144,
      },
      {
        transmit: (packet) => this.#dtls?.send(packet),
        onChannelOpen: () => this.#owner.onChannelOpen(),
        onMessage: (_, data) => this.#owner.onMessage(data),
        onChannelClosed() {},
        onClosed() {},
      },
    );
    this.#channels.connect(this.#nowMs);
    this.#channel = this.#channels.open('calls-dc', this.#nowMs);
    this.#owner.onConnected();
  }
}
