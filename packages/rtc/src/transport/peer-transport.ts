import type { PacketIo, Path, SrtpKeys, SrtpReceiver } from '@rtcd/packet-io';
import { type DtlsCertificate, DtlsServer } from '../dtls/handshake/server.ts';
import { IceLiteAgent, type IceState } from '../ice/agent.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import type { Random } from '../ports.ts';
import { classify } from '../rtp/classify.ts';
import { type DataChannel, DataChannels } from '../sctp/data-channels.ts';
import { SctpError } from '../sctp/errors.ts';
import type { Fingerprint, SctpParameters } from '../sdp/description.ts';

export interface PeerTransportOptions {
  readonly io: PacketIo;
  readonly certificate: DtlsCertificate;
  readonly random: Random;
  readonly localIce: IceCredentials;
  /** Largest data channel message that we take, in bytes. */
  readonly maxMessageSizeBytes: number;
}

/** What the other side's first description tells, and DTLS and ICE need to begin. */
export interface RemoteParameters {
  readonly ice: IceCredentials;
  readonly fingerprint: Fingerprint;
  readonly sctp: SctpParameters | undefined;
}

export interface PeerTransportPort {
  /** An address that proved to be the peer's: datagrams from there are for this transport. */
  onPath(path: Path): void;
  onPathForgotten(path: Path): void;
  onUfragRetired(ufrag: string): void;
  onIceState(state: IceState): void;
  /** Handshake done and verified: media and messages may flow, to `slot`. */
  onConnected(slot: number): void;
  /** Decrypted and authentic; borrowed until return, like all bytes below. */
  onRtp(packet: Buffer, rolloverCounter: number): void;
  onRtcp(compound: Buffer): void;
  onChannelOpen(channel: DataChannel): void;
  onMessage(channel: DataChannel, data: Uint8Array | string): void;
  /** The peer ended the connection, or it cannot go on. Told once; the owner closes. */
  onFailed(reason: string): void;
}

/** One peer's bundled transport: ICE, then DTLS, then SRTP and data channels on its keys. */
export class PeerTransport {
  readonly #options: PeerTransportOptions;
  readonly #port: PeerTransportPort;
  readonly #ice: IceLiteAgent;
  #dtls: DtlsServer | undefined;
  #channels: DataChannels | undefined;
  #srtp: { readonly slot: number; readonly receiver: SrtpReceiver } | undefined;
  #nowMs: number;

  constructor(options: PeerTransportOptions, port: PeerTransportPort, nowMs: number) {
    this.#options = options;
    this.#port = port;
    this.#nowMs = nowMs;
    this.#ice = new IceLiteAgent(
      { local: options.localIce, nowMs },
      {
        transmit: (datagram, path) => options.io.transmit(datagram, path),
        onValidPath: (path) => port.onPath(path),
        onPathForgotten: (path) => port.onPathForgotten(path),
        onUfragRetired: (ufrag) => port.onUfragRetired(ufrag),
        onSelectedPath: (path) => {
          if (this.#srtp) options.io.moveSlot(this.#srtp.slot, path);
        },
        onStateChange: (state) => port.onIceState(state),
      },
    );
  }

  /** Begins with the peer's first description; later ones can only restart ICE (see `restartIce`). */
  start(remote: RemoteParameters): void {
    this.#ice.setRemoteCredentials(remote.ice);
    this.#dtls = new DtlsServer(
      { certificate: this.#options.certificate, remoteFingerprint: remote.fingerprint, random: this.#options.random },
      {
        transmit: (datagram) => {
          const path = this.#ice.selectedPath;
          if (path) this.#options.io.transmit(datagram, path);
        },
        onConnected: (keys) => this.#connected(keys),
        onData: (packet) => this.#channels?.receive(packet, this.#nowMs),
        onClosed: (reason) => this.#port.onFailed(`dtls: ${reason}`),
      },
    );
    if (remote.sctp) this.#channels = this.#createChannels(remote.sctp);
  }

  /** RFC 8445 section 9: the old credentials stay valid until the peer uses the new ones. */
  restartIce(local: IceCredentials, remote: IceCredentials): void {
    this.#ice.restart(local, remote);
  }

  /** A datagram from one of the peer's addresses, or one whose STUN username names us. May be decrypted in place. */
  receive(datagram: Buffer, path: Path, nowMs: number): void {
    this.#nowMs = nowMs;
    switch (classify(datagram)) {
      case 'stun':
        return this.#ice.receive(datagram, path, nowMs);
      case 'dtls':
        return this.#dtls?.receive(datagram, nowMs);
      case 'rtp':
        return this.#receiveRtp(datagram);
      case 'rtcp':
        return this.#receiveRtcp(datagram);
      default:
        return;
    }
  }

  send(channel: DataChannel, data: Uint8Array | string, nowMs: number, onAcknowledged?: () => void): void {
    this.#nowMs = nowMs;
    try {
      this.#channels?.send(channel, data, nowMs, onAcknowledged);
    } catch (error) {
      // A peer that does not take what it is sent, or cannot: without our messages it is lost.
      if (!(error instanceof SctpError)) throw error;
      this.#port.onFailed(`data channel: ${error.message}`);
    }
  }

  deadline(): number {
    return Math.min(
      this.#ice.deadline(),
      this.#dtls?.deadline() ?? Number.POSITIVE_INFINITY,
      this.#channels?.deadline() ?? Number.POSITIVE_INFINITY,
    );
  }

  timeout(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs >= this.#ice.deadline()) this.#ice.timeout(nowMs);
    if (this.#dtls && nowMs >= this.#dtls.deadline()) this.#dtls.timeout(nowMs);
    if (this.#channels && nowMs >= this.#channels.deadline()) this.#channels.timeout(nowMs);
  }

  close(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#channels?.abort();
    this.#dtls?.close();
    this.#ice.close();
    if (this.#srtp) this.#options.io.closeSlot(this.#srtp.slot);
    this.#srtp = undefined;
  }

  #connected(keys: { local: SrtpKeys; remote: SrtpKeys }): void {
    const path = this.#ice.selectedPath;
    if (!path) return this.#port.onFailed('dtls: connected without a path');
    const { io } = this.#options;
    this.#srtp = { slot: io.openSlot(path, keys.local), receiver: io.createReceiver(keys.remote) };
    this.#port.onConnected(this.#srtp.slot);
  }

  #receiveRtp(datagram: Buffer): void {
    if (!this.#srtp) return;
    const { receiver } = this.#srtp;
    const length = receiver.unprotectRtp(datagram);
    if (length > 0) this.#port.onRtp(datagram.subarray(0, length), receiver.rolloverCounter);
  }

  #receiveRtcp(datagram: Buffer): void {
    const length = this.#srtp?.receiver.unprotectRtcp(datagram) ?? 0;
    if (length > 0) this.#port.onRtcp(datagram.subarray(0, length));
  }

  #createChannels(remote: SctpParameters): DataChannels {
    return new DataChannels(
      {
        remotePort: remote.port,
        maxMessageSizeBytes: this.#options.maxMessageSizeBytes,
        remoteMaxMessageSizeBytes: remote.maxMessageSize,
        random: this.#options.random,
      },
      {
        transmit: (packet) => this.#dtls?.send(packet),
        onChannelOpen: (channel) => this.#port.onChannelOpen(channel),
        onMessage: (channel, data) => this.#port.onMessage(channel, data),
        onChannelClosed: () => {},
        onClosed: (reason) => this.#port.onFailed(`sctp: ${reason}`),
      },
    );
  }
}
