import type { PacketIo, Path, SrtpKeys, SrtpReceiver } from '@rtcd/packet-io';
import { type DtlsCertificate, DtlsServer } from '../dtls/handshake/server.ts';
import type { Random } from '../ports.ts';
import { type DataChannel, DataChannels } from '../sctp/data-channels.ts';
import { SctpError } from '../sctp/errors.ts';
import type { Fingerprint, SctpParameters } from '../sdp/description.ts';

export interface AssociationOptions {
  readonly io: PacketIo;
  readonly certificate: DtlsCertificate;
  readonly random: Random;
  readonly remoteFingerprint: Fingerprint;
  /** Largest data channel message that we take, in bytes. */
  readonly maxMessageSizeBytes: number;
}

export interface AssociationPort {
  /** Where to send, once there is such a place. */
  selectedPath(): Path | undefined;
  /** Handshake done and verified: media and messages may flow, to `slot`. */
  onConnected(slot: number): void;
  /** Decrypted and authentic; borrowed until return, like all bytes below. */
  onRtp(packet: Buffer, rolloverCounter: number): void;
  onRtcp(compound: Buffer): void;
  onChannelOpen(channel: DataChannel): void;
  onMessage(channel: DataChannel, data: Uint8Array | string): void;
  /** The peer ended it, or it cannot go on. Told once, and not after `close`. */
  onFailed(reason: string): void;
}

/** One DTLS association with a peer, and what lives on its keys: SRTP and data channels. */
export class Association {
  readonly remoteFingerprint: Fingerprint;
  readonly #options: AssociationOptions;
  readonly #port: AssociationPort;
  readonly #dtls: DtlsServer;
  #channels: DataChannels | undefined;
  #srtp: { readonly slot: number; readonly receiver: SrtpReceiver } | undefined;
  #nowMs = 0;
  #isClosed = false;

  constructor(options: AssociationOptions, port: AssociationPort) {
    const { certificate, remoteFingerprint, random } = options;
    this.remoteFingerprint = remoteFingerprint;
    this.#options = options;
    this.#port = port;
    this.#dtls = new DtlsServer(
      { certificate, remoteFingerprint, random },
      {
        transmit: (datagram) => {
          const path = port.selectedPath();
          if (path) options.io.transmit(datagram, path);
        },
        onConnected: (keys) => this.#connected(keys),
        onData: (packet) => this.#channels?.receive(packet, this.#nowMs),
        onClosed: (reason) => this.#fail(`dtls: ${reason}`),
      },
    );
  }

  /** What keeps the peer from being connected, as far as it is known. */
  get obstacle(): string {
    return `dtls: ${this.#dtls.refusal}`;
  }

  /** The peer's data channel section, as of the first description that has one. */
  openChannels(remote: SctpParameters): void {
    this.#channels ??= this.#createChannels(remote);
  }

  /** From now on media goes there. */
  moveTo(path: Path): void {
    if (this.#srtp) this.#options.io.moveSlot(this.#srtp.slot, path);
  }

  receiveDtls(datagram: Buffer, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#dtls.receive(datagram, nowMs);
  }

  receiveRtp(datagram: Buffer): void {
    if (!this.#srtp) return;
    const { receiver } = this.#srtp;
    const length = receiver.unprotectRtp(datagram);
    if (length > 0) this.#port.onRtp(datagram.subarray(0, length), receiver.rolloverCounter);
  }

  receiveRtcp(datagram: Buffer): void {
    const length = this.#srtp?.receiver.unprotectRtcp(datagram) ?? 0;
    if (length > 0) this.#port.onRtcp(datagram.subarray(0, length));
  }

  send(channel: DataChannel, data: Uint8Array | string, nowMs: number, onAcknowledged?: () => void): void {
    this.#nowMs = nowMs;
    try {
      this.#channels?.send(channel, data, nowMs, onAcknowledged);
    } catch (error) {
      // A peer that does not take what it is sent, or cannot: without our messages it is lost.
      if (!(error instanceof SctpError)) throw error;
      this.#fail(`data channel: ${error.message}`);
    }
  }

  deadline(): number {
    return Math.min(this.#dtls.deadline(), this.#channels?.deadline() ?? Number.POSITIVE_INFINITY);
  }

  timeout(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs >= this.#dtls.deadline()) this.#dtls.timeout(nowMs);
    if (this.#channels && nowMs >= this.#channels.deadline()) this.#channels.timeout(nowMs);
  }

  /** Says goodbye. Nothing may be sent to the slot any more. */
  close(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#isClosed = true;
    this.#channels?.abort();
    this.#dtls.close();
    if (this.#srtp) this.#options.io.closeSlot(this.#srtp.slot);
    this.#srtp = undefined;
  }

  #connected(keys: { local: SrtpKeys; remote: SrtpKeys }): void {
    const path = this.#port.selectedPath();
    if (!path) return this.#fail('dtls: connected without a path');
    const { io } = this.#options;
    this.#srtp = { slot: io.openSlot(path, keys.local), receiver: io.createReceiver(keys.remote) };
    this.#port.onConnected(this.#srtp.slot);
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
        transmit: (packet) => this.#dtls.send(packet),
        onChannelOpen: (channel) => this.#port.onChannelOpen(channel),
        onMessage: (channel, data) => this.#port.onMessage(channel, data),
        onChannelClosed: () => {},
        onClosed: (reason) => this.#fail(`sctp: ${reason}`),
      },
    );
  }

  #fail(reason: string): void {
    if (!this.#isClosed) this.#port.onFailed(reason);
  }
}
