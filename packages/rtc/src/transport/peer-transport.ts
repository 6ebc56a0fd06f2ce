import type { PacketIo, PathId } from '@rtcd/packet-io';
import type { DtlsCertificate } from '../dtls/crypto/certificate.ts';
import { type Fingerprint, isSameFingerprint } from '../dtls/crypto/fingerprint.ts';
import { IceLiteAgent, type IceState } from '../ice/agent.ts';
import type { Candidate } from '../ice/candidate.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import { type MediaWay, mediaWay } from '../ice/media-way.ts';
import { RemoteCandidates } from '../ice/remote-candidates.ts';
import type { Endpoints } from '../inspect/capture.ts';
import type { DropCounts } from '../inspect/drops.ts';
import type { SessionJournal } from '../inspect/session-journal.ts';
import { iceSnapshot, type TransportSnapshot } from '../inspect/snapshot.ts';
import type { Random } from '../ports.ts';
import type { DataChannel } from '../sctp/data-channels.ts';
import type { RemoteParameters } from '../sdp/description.ts';
import { Association, type AssociationOwner } from './association.ts';
import type { TransportProtocol } from './demux.ts';
import { PacketPolicer } from './packet-policer.ts';
import type { Relays } from './relays.ts';
import { addTransportDrops, newTransportCounters, type TransportCounters } from './transport-counters.ts';

export interface PeerTransportOptions {
  readonly io: PacketIo;
  readonly certificate: DtlsCertificate;
  readonly random: Random;
  readonly localIce: IceCredentials;
  readonly relays: Pick<Relays, 'permit'>;
  /** Largest data channel message that we take, in bytes. */
  readonly maxMessageSizeBytes: number;
  /** Counters of drops that no protocol counts by itself. */
  readonly drops: DropCounts;
  readonly journal: SessionJournal;
}

export interface PeerTransportOwner extends Omit<AssociationOwner, 'mediaPath' | 'transmit'> {
  /** An address from which authentic checks come: datagrams from there are for this transport, unless they are for another one. */
  onPath(path: PathId): void;
  /** The peer proved that it is there: datagrams from there are for this transport. */
  onPathProven(path: PathId): void;
  onPathForgotten(path: PathId): void;
  /** The response to this STUN request is for this transport, until the request is over. */
  onRequest(transactionId: Uint8Array): void;
  onRequestOver(transactionId: Uint8Array): void;
  onUfragRetired(ufrag: string): void;
  onIceState(state: IceState, nowMs: number): void;
  /** The association ends, and its slot and channels with it; another one begins. */
  onReplaced(nowMs: number): void;
}

/** One peer's bundled transport: ICE, and on it a DTLS association, or one after another. */
export class PeerTransport {
  readonly #options: PeerTransportOptions;
  readonly #owner: PeerTransportOwner;
  readonly #ice: IceLiteAgent;
  readonly #counters: TransportCounters;
  readonly #policer: PacketPolicer;
  readonly #remoteCandidates = new RemoteCandidates();
  #association: Association | undefined;

  constructor(options: PeerTransportOptions, owner: PeerTransportOwner, nowMs: number) {
    this.#options = options;
    this.#owner = owner;
    this.#counters = newTransportCounters(options.drops);
    this.#policer = new PacketPolicer(nowMs);
    this.#ice = new IceLiteAgent(
      { paths: options.io, local: options.localIce, random: options.random, nowMs },
      {
        transmit: (datagram, path) => options.io.transmit(datagram, path),
        onValidPath: (path) => owner.onPath(path),
        onProvenPath: (path) => owner.onPathProven(path),
        onRequest: (transactionId) => owner.onRequest(transactionId),
        onRequestOver: (transactionId) => owner.onRequestOver(transactionId),
        onPathForgotten: (path) => owner.onPathForgotten(path),
        onUfragRetired: (ufrag) => owner.onUfragRetired(ufrag),
        onMediaPath: (path, atMs) => {
          options.journal.record('path selected', atMs, options.io.describePath(path));
          this.#association?.moveTo(path, atMs);
        },
        onStateChange: (state, atMs) => owner.onIceState(state, atMs),
      },
    );
  }

  /**
   * Applies a description, whenever it arrives. Another fingerprint is another association (RFC 8842 section 5.1): the peer came back
   * with a new connection, under the same ICE credentials or, after `restartIce`, under others.
   */
  update({ ice, fingerprint, sctp, candidates }: RemoteParameters, nowMs: number): void {
    for (const candidate of candidates) this.#remoteCandidates.add(candidate);
    for (const address of this.#remoteCandidates.addresses) this.#options.relays.permit(address);
    if (!this.#association) this.#ice.setRemoteCredentials(ice);
    else if (!isSameFingerprint(this.#association.remoteFingerprint, fingerprint)) {
      this.#owner.onReplaced(nowMs);
      this.#association.close(nowMs);
      this.#association = undefined;
    }
    this.#association ??= this.#createAssociation(fingerprint);
    if (sctp) this.#association.openChannels(sctp);
  }

  /** A candidate of the peer that is not in its description. */
  addRemoteCandidate(candidate: Candidate): void {
    const address = this.#remoteCandidates.add(candidate);
    if (address !== undefined) this.#options.relays.permit(address);
  }

  /** Obstacle that keeps the peer from being connected, as far as it is known. */
  get obstacle(): string {
    return this.#ice.state === 'new' ? 'ice: no authentic check' : (this.#association?.obstacle ?? 'no offer');
  }

  /** RFC 8445 section 9: the old credentials stay valid until the peer uses the new ones. */
  restartIce(local: IceCredentials, remote: IceCredentials): void {
    this.#ice.restart(local, remote);
  }

  /** The peer's credentials, where they changed without a restart of ours. */
  setRemoteIce(remote: IceCredentials): void {
    this.#ice.setRemoteCredentials(remote);
  }

  /** A datagram from one of the peer's addresses, or one whose STUN username names us. May be decrypted in place. */
  receive(kind: TransportProtocol, datagram: Buffer, path: PathId, nowMs: number): void {
    const refusal = this.#policer.refuse(kind, path !== this.#ice.selectedPath, datagram.length, nowMs);
    if (refusal !== undefined) {
      this.#options.drops[refusal]++;
      return;
    }
    switch (kind) {
      case 'stun':
        return this.#ice.receive(datagram, path, nowMs);
      case 'dtls':
        this.#ice.receiveOther(datagram.length, path);
        if (this.#association) return this.#association.receiveDtls(datagram, nowMs);
        this.#options.drops.dtls_before_offer++;
        return;
      case 'rtp':
        if (this.#association) return this.#association.receiveRtp(datagram, nowMs);
        this.#options.drops.srtp_before_keys++;
        return;
      case 'rtcp':
        if (this.#association) return this.#association.receiveRtcp(datagram, nowMs);
        this.#options.drops.srtp_before_keys++;
        return;
      default:
        return kind satisfies never;
    }
  }

  /** Remote address, for people. */
  get path(): string | undefined {
    const { selectedPath } = this.#ice;
    return selectedPath === undefined ? undefined : this.#options.io.describePath(selectedPath);
  }

  /** Types of the ends of that path. */
  get way(): MediaWay | undefined {
    const { selectedPath } = this.#ice;
    return selectedPath === undefined ? undefined : mediaWay(this.#options.io, selectedPath, this.#remoteCandidates);
  }

  /** The ends of the path that it sends on. */
  get endpoints(): Endpoints | undefined {
    const { selectedPath } = this.#ice;
    const { io } = this.#options;
    if (selectedPath === undefined) return undefined;
    const peer = io.pathOf(selectedPath);
    const local = io.localAddressOf(selectedPath);
    return peer && local && { protocol: local.protocol, peer, local };
  }

  /** Counters and buffers of ICE, DTLS and SCTP. */
  inspect(nowMs: number): TransportSnapshot {
    return {
      ice: iceSnapshot(this.#ice, (path) => this.#options.io.describePath(path), nowMs),
      ...this.#association?.inspect(),
    };
  }

  /** Adds all drops so far to those of the whole. */
  addDropsTo(whole: DropCounts): void {
    addTransportDrops(whole, this.#counters, this.#ice.stats);
  }

  /** The connection of one of the peer's paths broke. */
  pathEnded(path: PathId, nowMs: number): void {
    this.#ice.pathEnded(path, nowMs);
  }

  send(channel: DataChannel, data: Uint8Array | string, nowMs: number, onAcknowledged?: (nowMs: number) => void): void {
    this.#association?.send(channel, data, nowMs, onAcknowledged);
  }

  deadline(): number {
    return Math.min(this.#ice.deadline(), this.#association?.deadline() ?? Number.POSITIVE_INFINITY);
  }

  timeout(nowMs: number): void {
    if (nowMs >= this.#ice.deadline()) this.#ice.timeout(nowMs);
    if (this.#association && nowMs >= this.#association.deadline()) this.#association.timeout(nowMs);
  }

  /** Silence of the peer for so long does not count. */
  excuse(excusedMs: number, nowMs: number): void {
    this.#ice.excuse(excusedMs, nowMs);
    this.#association?.excuse(excusedMs);
  }

  close(nowMs: number): void {
    this.#association?.close(nowMs);
    this.#ice.close(nowMs);
  }

  #createAssociation(remoteFingerprint: Fingerprint): Association {
    const { io, certificate, random, maxMessageSizeBytes, journal } = this.#options;
    return new Association(
      { io, certificate, random, remoteFingerprint, maxMessageSizeBytes, counters: this.#counters, journal },
      {
        mediaPath: () => this.#ice.mediaPath,
        transmit: (datagram) => this.#ice.send(datagram),
        onConnected: (slot, nowMs) => this.#owner.onConnected(slot, nowMs),
        onRtp: (packet, rolloverCounter, nowMs) => this.#owner.onRtp(packet, rolloverCounter, nowMs),
        onRtcp: (compound, nowMs) => this.#owner.onRtcp(compound, nowMs),
        onChannelOpen: (channel, nowMs) => this.#owner.onChannelOpen(channel, nowMs),
        onMessage: (channel, data, nowMs) => this.#owner.onMessage(channel, data, nowMs),
        onGoodbye: (reason, nowMs) => this.#owner.onGoodbye(reason, nowMs),
        onFailed: (reason) => this.#owner.onFailed(reason),
      },
    );
  }
}
