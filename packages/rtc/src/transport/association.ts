import { type PacketIo, type PathId, SrtpDrop, type SrtpReceiver } from '@rtcd/packet-io';
import type { Fingerprint } from '../dtls/crypto/fingerprint.ts';
import type { DtlsSrtpKeys } from '../dtls/dtls-owner.ts';
import { type DtlsCertificate, type DtlsCloseReason, DtlsServer } from '../dtls/handshake/server.ts';
import { ContentType } from '../dtls/record/record.ts';
import type { DropReason } from '../inspect/drops.ts';
import type { SessionJournal } from '../inspect/session-journal.ts';
import type { TransportSnapshot } from '../inspect/snapshot.ts';
import type { Random } from '../ports.ts';
import { type DataChannel, DataChannels } from '../sctp/data-channels.ts';
import { SctpError } from '../sctp/errors.ts';
import type { SctpParameters } from '../sdp/description.ts';
import type { TransportCounters } from './transport-counters.ts';

export interface AssociationOptions {
  readonly io: PacketIo;
  readonly certificate: DtlsCertificate;
  readonly random: Random;
  readonly remoteFingerprint: Fingerprint;
  /** Largest data channel message that we take, in bytes. */
  readonly maxMessageSizeBytes: number;
  readonly counters: TransportCounters;
  readonly journal: SessionJournal;
}

export interface AssociationOwner {
  /** Path of media, once there is one. */
  mediaPath(): PathId | undefined;
  /** Sends a datagram to the peer, borrowed until return. */
  transmit(datagram: Uint8Array): void;
  /** A handshake is done and verified, and a path is there: media and messages may flow, to `slot`. The slot before, if there was one, is closed after that. */
  onConnected(slot: number, nowMs: number): void;
  /** The peer said goodbye. True if the owner waits for it to shake hands again, false if it closes. */
  onGoodbye(reason: string, nowMs: number): boolean;
  /** Decrypted and authentic; borrowed until return, like all bytes below. */
  onRtp(packet: Buffer, rolloverCounter: number, nowMs: number): void;
  onRtcp(compound: Buffer, nowMs: number): void;
  onChannelOpen(channel: DataChannel, nowMs: number): void;
  onMessage(channel: DataChannel, data: Uint8Array | string, nowMs: number): void;
  /** The peer ended it, or it cannot continue. Called once, and not after `close`. */
  onFailed(reason: string): void;
}

/**
 * DTLS with a peer of one certificate, and what lives on it: SRTP and data channels. The peer may shake hands again (RFC 6347 section 4.2.8): libwebrtc
 * does when the section is stopped that carries the bundle. The data channels outlive that, the keys do not.
 */
export class Association {
  readonly remoteFingerprint: Fingerprint;
  readonly #options: AssociationOptions;
  readonly #owner: AssociationOwner;
  #dtls: DtlsServer;
  /** Takes the place of the other one once its handshake is done. */
  #successor: DtlsServer | undefined;
  #channels: DataChannels | undefined;
  #srtp: { readonly slot: number; readonly receiver: SrtpReceiver } | undefined;
  /** Keys of a finished handshake, while there is no path for media. */
  #waitingKeys: DtlsSrtpKeys | undefined;
  #isClosed = false;

  constructor(options: AssociationOptions, owner: AssociationOwner) {
    this.remoteFingerprint = options.remoteFingerprint;
    this.#options = options;
    this.#owner = owner;
    this.#dtls = this.#createDtls();
  }

  /** Obstacle that keeps the peer from being connected, as far as it is known. */
  get obstacle(): string {
    return this.#waitingKeys ? 'ice: our check was not answered' : `dtls: ${this.#dtls.refusal}`;
  }

  /** Counters and buffers of DTLS and SCTP. */
  inspect(): Omit<TransportSnapshot, 'ice'> {
    const { phase, refusal, stats } = this.#dtls;
    return {
      dtls: { phase, refusal, stats: { ...stats } },
      ...(this.#channels && { sctp: { state: this.#channels.state, stats: this.#channels.stats } }),
    };
  }

  /** The peer's data channel section, as of the first description that has one. */
  openChannels(remote: SctpParameters): void {
    this.#channels ??= this.#createChannels(remote);
  }

  /** From now on media goes there. */
  moveTo(path: PathId, nowMs: number): void {
    if (this.#waitingKeys) this.#openSlot(path, this.#waitingKeys, nowMs);
    else if (this.#srtp) this.#options.io.moveSlot(this.#srtp.slot, path);
  }

  receiveDtls(datagram: Buffer, nowMs: number): void {
    const { phase } = this.#dtls;
    this.#watch(this.#dtls, nowMs, () => this.#dtls.receive(datagram, nowMs));
    if (phase !== 'connected' && phase !== 'closed') return;
    const startsHandshake = isPlainHandshake(datagram);
    if (startsHandshake) this.#successor ??= this.#createDtls();
    // Records under keys that it cannot have yet are not for it, and would count as dropped.
    const successor = this.#successor;
    if (successor === undefined || (successor.phase === 'listening' && !startsHandshake)) return;
    this.#watch(successor, nowMs, () => successor.receive(datagram, nowMs));
  }

  receiveRtp(datagram: Buffer, nowMs: number): void {
    if (!this.#srtp) {
      this.#options.counters.drops.srtp_before_keys++;
      return;
    }
    const { receiver } = this.#srtp;
    const length = receiver.unprotectRtp(datagram);
    if (length < 0) this.#countSrtp(length);
    else this.#owner.onRtp(datagram.subarray(0, length), receiver.rolloverCounter, nowMs);
  }

  receiveRtcp(datagram: Buffer, nowMs: number): void {
    if (!this.#srtp) {
      this.#options.counters.drops.srtp_before_keys++;
      return;
    }
    const length = this.#srtp.receiver.unprotectRtcp(datagram);
    if (length < 0) this.#countSrtp(length);
    else this.#owner.onRtcp(datagram.subarray(0, length), nowMs);
  }

  send(channel: DataChannel, data: Uint8Array | string, nowMs: number, onAcknowledged?: (nowMs: number) => void): void {
    try {
      this.#channels?.send(channel, data, nowMs, onAcknowledged);
    } catch (error) {
      // A peer that does not take what it is sent, or cannot: without our messages it is lost.
      if (!(error instanceof SctpError)) throw error;
      this.#fail(`data channel: ${error.message}`);
    }
  }

  deadline(): number {
    const never = Number.POSITIVE_INFINITY;
    return Math.min(this.#dtls.deadline(), this.#successor?.deadline() ?? never, this.#channels?.deadline() ?? never);
  }

  timeout(nowMs: number): void {
    for (const dtls of [this.#dtls, this.#successor]) {
      if (dtls && nowMs >= dtls.deadline()) this.#watch(dtls, nowMs, () => dtls.timeout(nowMs));
    }
    if (this.#channels && nowMs >= this.#channels.deadline()) this.#channels.timeout(nowMs);
  }

  /** The peer has so much longer for a handshake. */
  excuse(excusedMs: number): void {
    this.#dtls.excuse(excusedMs);
    this.#successor?.excuse(excusedMs);
  }

  /** Says goodbye. Nothing may be sent to the slot any more. */
  close(nowMs: number): void {
    this.#isClosed = true;
    this.#channels?.abort(nowMs);
    this.#dtls.close();
    this.#successor?.close();
    if (this.#srtp) this.#options.io.closeSlot(this.#srtp.slot);
    this.#srtp = undefined;
  }

  /** Tells how a handshake gets on. */
  #watch(dtls: DtlsServer, nowMs: number, step: () => void): void {
    const { phase, stats } = dtls;
    const { flightsResent, messagesRejected } = stats;
    const { journal } = this.#options;
    step();
    if (stats.messagesRejected > messagesRejected) journal.record('dtls message rejected', nowMs, dtls.refusal);
    if (stats.flightsResent > flightsResent) journal.record('dtls flight retransmitted', nowMs);
    if (dtls.phase !== phase) journal.record('dtls phase', nowMs, dtls.phase);
  }

  #createDtls(): DtlsServer {
    const { certificate, remoteFingerprint, random, counters } = this.#options;
    const dtls: DtlsServer = new DtlsServer(
      { certificate, remoteFingerprint, random, stats: counters.dtls },
      {
        transmit: (datagram) => this.#owner.transmit(datagram),
        onConnected: (keys, nowMs) => this.#connected(dtls, keys, nowMs),
        onData: (packet, nowMs) => this.#onData(packet, nowMs),
        onClosed: (reason, nowMs) => this.#onDtlsClosed(dtls, reason, nowMs),
      },
    );
    return dtls;
  }

  #onDtlsClosed(dtls: DtlsServer, reason: DtlsCloseReason, nowMs: number): void {
    if (dtls === this.#successor) this.#successor = undefined;
    else if (reason === 'close_notify' && !this.#isClosed) this.#owner.onGoodbye(`dtls: ${reason}`, nowMs);
    else this.#fail(`dtls: ${reason}`);
  }

  #connected(dtls: DtlsServer, keys: DtlsSrtpKeys, nowMs: number): void {
    if (dtls === this.#successor) {
      this.#dtls = dtls;
      this.#successor = undefined;
    }
    const path = this.#owner.mediaPath();
    if (path === undefined) this.#waitingKeys = keys;
    else this.#openSlot(path, keys, nowMs);
  }

  #openSlot(path: PathId, keys: DtlsSrtpKeys, nowMs: number): void {
    this.#waitingKeys = undefined;
    const { io } = this.#options;
    const before = this.#srtp;
    this.#srtp = { slot: io.openSlot(path, keys.local), receiver: io.createReceiver(keys.remote) };
    this.#owner.onConnected(this.#srtp.slot, nowMs);
    if (before) io.closeSlot(before.slot);
  }

  #onData(packet: Uint8Array, nowMs: number): void {
    if (this.#channels) this.#channels.receive(packet, nowMs);
    else this.#options.counters.drops.sctp_before_offer++;
  }

  #countSrtp(drop: number): void {
    this.#options.counters.drops[SRTP_DROPS.get(drop) ?? 'srtp_malformed']++;
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
        onChannelOpen: (channel, nowMs) => this.#owner.onChannelOpen(channel, nowMs),
        onMessage: (channel, data, nowMs) => this.#owner.onMessage(channel, data, nowMs),
        onChannelClosed: () => {},
        onAborted: (nowMs) => !this.#isClosed && this.#owner.onGoodbye('sctp: peer_aborted', nowMs),
        onClosed: (reason) => this.#fail(`sctp: ${reason}`),
      },
      this.#options.counters.sctp,
    );
  }

  #fail(reason: string): void {
    if (!this.#isClosed) this.#owner.onFailed(reason);
  }
}

/** A handshake message in epoch 0, as a ClientHello is (RFC 6347 section 4.1). */
const isPlainHandshake = (datagram: Buffer): boolean =>
  datagram.length > 13 && datagram[0] === ContentType.handshake && datagram.readUInt16BE(3) === 0;

const SRTP_DROPS: ReadonlyMap<number, DropReason> = new Map([
  [SrtpDrop.malformed, 'srtp_malformed'],
  [SrtpDrop.unauthentic, 'srtp_unauthentic'],
  [SrtpDrop.replayed, 'srtp_replayed'],
  [SrtpDrop.tooManySsrcs, 'srtp_too_many_ssrcs'],
]);
