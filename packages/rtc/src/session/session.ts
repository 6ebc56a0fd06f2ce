import type { PacketIo, PathId } from '@rtcd/packet-io';
import {
  encodeSessionDescription,
  type RtcMessage,
  RtcMessageType,
  type SessionConfig,
  type SessionDescription,
} from '@rtcd/protocol';
import { Announcements } from '../call/announcements.ts';
import type { Call, CallMember } from '../call/call.ts';
import type { PublishedTrack } from '../call/published-track.ts';
import type { DtlsCertificate } from '../dtls/crypto/certificate.ts';
import { RtcError } from '../errors.ts';
import type { IceState } from '../ice/agent.ts';
import type { Candidate } from '../ice/candidate.ts';
import { Capture } from '../inspect/capture.ts';
import type { CaptureTap } from '../inspect/capture-tap.ts';
import { DropCounts, nonZeroDrops } from '../inspect/drops.ts';
import { EventLog, type SessionEventName } from '../inspect/event-log.ts';
import { logSessionEnd } from '../inspect/session-end.ts';
import { type SessionSnapshot, type SessionSummary, sectionSnapshot } from '../inspect/snapshot.ts';
import type { FanOut } from '../media/send/fan-out.ts';
import { SessionMedia } from '../media/session-media.ts';
import { MessageAdmission } from '../messages/admission.ts';
import { receiveClientMessage } from '../messages/from-client.ts';
import { CallsChannel } from '../messages/on-data-channel.ts';
import type { Clock, Logger, Random, RtcErrorType, RtcMetrics } from '../ports.ts';
import type { SignalingWay } from '../signaling/negotiator-owner.ts';
import { PeerSignaling } from '../signaling/peer-signaling.ts';
import type { TransportProtocol } from '../transport/demux.ts';
import { PeerTransport } from '../transport/peer-transport.ts';
import { type Awaited, connection, firstOffer, transportAgain } from './lifetime.ts';

const MAX_MESSAGE_SIZE_BYTES = 65_536;

/** State that the sessions of an SFU share. */
export interface SessionEnvironment {
  readonly io: PacketIo;
  /** Tap for packets to peers on their way to `io`. */
  readonly tap: CaptureTap;
  readonly fanOut: FanOut;
  readonly certificate: DtlsCertificate;
  readonly candidates: readonly Candidate[];
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RtcMetrics;
  /** Packets of each video encoding that are kept to be sent again: a power of two. */
  readonly nackBufferSize: number;
}

export interface SessionOwner {
  /** To the client, which passes it on to the peer or to its own users. */
  send(message: RtcMessage): void;
  /** Connectivity checks that name this ufrag are for the session, until it is retired. */
  onUfrag(ufrag: string): void;
  onUfragRetired(ufrag: string): void;
  /** Datagrams from this address are for the session, until it is forgotten. */
  onPath(path: PathId): void;
  onPathForgotten(path: PathId): void;
  /** `deadline` may have come closer. */
  onDeadline(): void;
  /** Does it so that a bug of ours ends this session and nothing else. */
  contain(work: () => void): void;
  /** The session cannot go on: its owner closes it. */
  onFailed(reason: string, error?: RtcErrorType): void;
}

/** One user's connection to a call. Wires transport, signaling and media; each of them knows nothing of the others. */
export class Session implements CallMember {
  readonly config: SessionConfig;
  readonly call: Call<Session>;
  readonly #environment: SessionEnvironment;
  readonly #owner: SessionOwner;
  readonly #logger: Logger;
  /** Time when the session joined, or its peer came back with another connection. */
  #connectingSinceMs: number;
  #awaited: Awaited | undefined;
  readonly #signaling: PeerSignaling;
  readonly #transport: PeerTransport;
  readonly #channel: CallsChannel;
  readonly #media: SessionMedia;
  readonly #admission: MessageAdmission;
  readonly #announcements = new Announcements();
  readonly #toldUndecodable = new WeakSet<PublishedTrack>();
  readonly #drops = new DropCounts();
  readonly #events: EventLog;
  #capture: Capture | undefined;
  /** packet-io's number of the peer. */
  #slot: number | undefined;
  /** The time of the call into this session that is under way. */
  #nowMs: number;
  #closed = false;

  constructor(
    config: SessionConfig,
    call: Call<Session>,
    environment: SessionEnvironment,
    owner: SessionOwner,
    nowMs: number,
  ) {
    const { groupID, callID, sessionID } = config;
    this.config = config;
    this.call = call;
    this.#environment = environment;
    this.#owner = owner;
    this.#logger = environment.logger.child({ sessionID, callID, groupID });
    this.#connectingSinceMs = nowMs;
    this.#awaited = firstOffer(nowMs);
    this.#nowMs = nowMs;
    this.#events = new EventLog(nowMs);
    this.#admission = new MessageAdmission(
      {
        groupID,
        logger: this.#logger,
        metrics: environment.metrics,
        record: (event, detail) => this.#record(event, detail),
      },
      nowMs,
    );
    this.#signaling = this.#createSignaling();
    this.#transport = this.#createTransport();
    this.#channel = this.#createChannel();
    this.#media = this.#createMedia();
  }

  /** To be called once its owner can hear from it. */
  open(): void {
    this.#environment.metrics.sessionOpened(this.config.groupID);
    this.#owner.onUfrag(this.#signaling.localIce.ufrag);
    this.#owner.onDeadline();
    this.#logger.info({}, 'session opened');
  }

  get sessionID(): string {
    return this.config.sessionID;
  }

  get av1Support(): boolean {
    return this.config.props.av1Support;
  }

  canDecode(track: PublishedTrack): boolean {
    return this.#signaling.canDecode(track);
  }

  /** Adds all drops of what the peer sent, and of what was to be sent to it, to those of the whole. */
  addDropsTo(whole: DropCounts): void {
    this.#transport.addDropsTo(whole);
  }

  /** The session at a glance. */
  summarize(nowMs: number): SessionSummary {
    const { groupID, callID, userID, sessionID } = this.config;
    const { path } = this.#transport;
    const drops = new DropCounts();
    this.addDropsTo(drops);
    return {
      groupID,
      callID,
      userID,
      sessionID,
      ageMs: this.#events.ageMs(nowMs),
      reachedMs: this.#events.reachedMs,
      ...(path !== undefined && { path }),
      drops: nonZeroDrops(drops),
    };
  }

  /** All that can be told about the session, for people. */
  inspect(nowMs: number): SessionSnapshot {
    return {
      ...this.summarize(nowMs),
      ...this.#transport.inspect(nowMs),
      sections: this.#signaling.sections.map(sectionSnapshot),
      ...this.#media.inspect(),
      events: this.#events.events,
      eventsForgotten: this.#events.forgotten,
    };
  }

  /** Records the session's packets, `maxBytes` of a file at most, until `stopCapture`. False if they are being recorded already. */
  startCapture(maxBytes: number): boolean {
    if (this.#capture) return false;
    const { clock, tap } = this.#environment;
    this.#capture = new Capture({ endpoints: this.#transport.endpoints, maxBytes, unixMs: () => clock.unixMs() });
    if (this.#slot !== undefined) tap.attach(this.#slot, this.#capture);
    return true;
  }

  /** Ends the recording and returns it as a pcapng file; undefined if there is none. */
  stopCapture(): Buffer | undefined {
    const capture = this.#capture;
    this.#capture = undefined;
    if (capture) this.#environment.tap.detach(capture);
    return capture?.finish();
  }

  /** A message of the client for this session. Throws `RtcError` if the client or the peer behind it did wrong. */
  receive(message: RtcMessage, nowMs: number): void {
    this.#nowMs = nowMs;
    try {
      this.#dispatch(message);
      this.#signaling.negotiator.hear(nowMs);
    } catch (error) {
      if (error instanceof RtcError) this.#onRefusal(message, error);
      throw error;
    } finally {
      this.#owner.onDeadline();
    }
  }

  #dispatch(message: RtcMessage): void {
    receiveClientMessage(message, {
      onDescription: (description) => {
        if (!this.#admission.admit(this.#nowMs))
          throw new RtcError('too_many_messages', 'the peer negotiates more often than it may');
        this.#receiveDescription(description, (answer) => this.#sendSdp(answer), 'client');
      },
      onMute: (muted) => this.#media.setMuted(muted),
      onScreenOn: (streamId) => {
        // Even a screen that is refused is one: its sound is no voice.
        this.#announcements.add(streamId, 'screen');
        try {
          this.call.shareScreen(this.sessionID, streamId);
        } finally {
          this.#media.announcementsChanged();
        }
      },
      onScreenOff: () => {
        this.call.unshareScreen(this.sessionID);
        this.#media.announcementsChanged();
      },
      onVideoOn: (streamId) => {
        this.#announcements.add(streamId, 'video');
        this.#media.announcementsChanged();
      },
    });
  }

  /** The client's way to the peer was interrupted, and is there again: what was sent meanwhile may be lost. */
  resume(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#record('client reconnected');
    this.#signaling.negotiator.resume(nowMs);
    this.#owner.onDeadline();
  }

  /** A datagram of the peer. It may be decrypted in place. */
  receiveDatagram(kind: TransportProtocol, datagram: Buffer, path: PathId, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#transport.receive(kind, datagram, path, nowMs);
    this.#owner.onDeadline();
  }

  /** The connection of one of the peer's paths broke. */
  pathEnded(path: PathId, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#transport.pathEnded(path, nowMs);
    this.#owner.onDeadline();
  }

  /** Called from within work for another session, which must not suffer from what goes wrong here. */
  onTracksChanged(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#owner.contain(() => this.#signaling.negotiator.hear(nowMs));
    this.#owner.onDeadline();
  }

  deadline(): number {
    if (this.#closed) return Number.POSITIVE_INFINITY;
    return Math.min(
      this.#awaited?.deadlineMs ?? Number.POSITIVE_INFINITY,
      this.#transport.deadline(),
      this.#signaling.negotiator.deadline(),
      this.#media.deadline(),
    );
  }

  timeout(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#awaited && nowMs >= this.#awaited.deadlineMs) return this.#giveUp(this.#awaited);
    this.#transport.timeout(nowMs);
    this.#signaling.negotiator.timeout(nowMs);
    this.#media.timeout(nowMs);
  }

  /** Idempotent. The call and the client learn of it from the owner. */
  close(reason: string, nowMs: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#nowMs = nowMs;
    const summary = this.summarize(nowMs);
    this.#signaling.negotiator.close();
    this.#media.close();
    this.#transport.close(nowMs);
    this.#environment.metrics.connectionState('closed');
    this.#environment.metrics.sessionClosed(this.config.groupID);
    this.#record('closed', reason);
    logSessionEnd(this.#logger, reason, summary, this.#events);
  }

  /** The tracks that the peer should be sent. Each one that it can decode in no codec is told once. */
  #selectTracks(): readonly PublishedTrack[] {
    const { wanted, undecodable } = this.call.tracksFor(this);
    for (const track of undecodable) {
      if (this.#toldUndecodable.has(track)) continue;
      this.#toldUndecodable.add(track);
      this.#record('track not decodable', `${track.id} ${track.mimeType}`);
      this.#environment.metrics.error(this.config.groupID, 'track');
      this.#logger.warn(
        { trackID: track.id, codec: track.mimeType },
        'track not sent: the peer does not decode its codec',
      );
    }
    return wanted;
  }

  #createSignaling(): PeerSignaling {
    const { certificate, candidates, random, metrics } = this.#environment;
    const { groupID, props } = this.config;
    return new PeerSignaling(
      {
        fingerprint: { algorithm: 'sha-256', value: certificate.fingerprint },
        candidates,
        random,
        maxMessageSizeBytes: MAX_MESSAGE_SIZE_BYTES,
        offersBy: props.dcSignaling ? 'channel' : 'client',
      },
      {
        wanted: () => this.#selectTracks(),
        sendMediaMap: (map, onDelivered, nowMs) => {
          // On the channel the offer comes behind its map by itself.
          this.#channel.sendMediaMap(map, props.dcSignaling ? undefined : onDelivered);
          if (props.dcSignaling) onDelivered(nowMs);
        },
        sendOffer: (offer) => {
          this.#record('offer sent', byWay(props.dcSignaling ? 'channel' : 'client'));
          if (props.dcSignaling) this.#channel.sendDescription(offer);
          else this.#sendSdp(offer);
        },
        onRemote: (remote) => {
          this.#events.reach('offer', this.#nowMs);
          if (this.#awaited?.event === 'offer') this.#awaited = connection(this.#nowMs);
          this.#transport.update(remote, this.#nowMs);
        },
        onIceRestart: (local, remote) => {
          this.#record('ice restarted');
          this.#owner.onUfrag(local.ufrag);
          this.#transport.restartIce(local, remote);
        },
        onRemoteIce: (remote) => this.#transport.setRemoteIce(remote),
        onNegotiated: (media) => this.#media.sync(media),
        onFailure: (error, detail) => {
          metrics.error(groupID, error);
          this.#record('signaling failure', detail);
          this.#logger.warn({ error }, detail);
        },
        onLockGrabbed: (waitedMs) => metrics.signalingLockGrabTime(groupID, waitedMs / 1000),
        onLockReleased: (heldMs) => metrics.signalingLockLockedTime(groupID, heldMs / 1000),
      },
    );
  }

  #createTransport(): PeerTransport {
    const { io, certificate, random } = this.#environment;
    return new PeerTransport(
      {
        io,
        certificate,
        random,
        localIce: this.#signaling.localIce,
        maxMessageSizeBytes: MAX_MESSAGE_SIZE_BYTES,
        drops: this.#drops,
      },
      {
        onEvent: (event, detail) => this.#record(event, detail),
        onPath: (path) => this.#owner.onPath(path),
        onPathForgotten: (path) => this.#owner.onPathForgotten(path),
        onUfragRetired: (ufrag) => this.#owner.onUfragRetired(ufrag),
        onIceState: (state) => this.#onIceState(state),
        onReplaced: () => this.#onReplaced(),
        onConnected: (slot) => this.#onConnected(slot),
        onRtp: (packet, rolloverCounter) => {
          this.#capture?.receivedRtp(packet);
          this.#media.receiveRtp(packet, rolloverCounter, this.#nowMs);
        },
        onRtcp: (compound) => {
          this.#capture?.rtcp(compound, 'inbound');
          this.#media.receiveRtcp(compound, this.#nowMs);
        },
        onChannelOpen: (channel) => this.#channel.open(channel),
        onMessage: (channel, data) => this.#channel.receive(channel, data),
        onGoodbye: (reason) => this.#onGoodbye(reason),
        onFailed: (reason) => this.#fail(reason),
      },
      this.#nowMs,
    );
  }

  #createChannel(): CallsChannel {
    const { metrics } = this.#environment;
    const { groupID } = this.config;
    return new CallsChannel(
      {
        onDrop: (reason) => {
          this.#drops[reason]++;
        },
        admit: () => this.#admission.admit(this.#nowMs),
        onRead: (sizeBytes) => this.#admission.chargeMessage(sizeBytes),
        send: (channel, data, onAcknowledged) => this.#transport.send(channel, data, this.#nowMs, onAcknowledged),
        onOpen: () => {
          this.#events.reach('channel', this.#nowMs);
          this.#record('channel opened');
          metrics.dataChannelOpenTime(groupID, (this.#nowMs - this.#connectingSinceMs) / 1000);
          this.#signaling.negotiator.allowOffers(this.#nowMs);
        },
        onDescription: (description) =>
          this.#receiveDescription(description, (answer) => this.#channel.sendDescription(answer), 'channel'),
        takeLock: () => this.#signaling.negotiator.takeLock(this.#nowMs),
        releaseLock: () => this.#signaling.negotiator.releaseLock(this.#nowMs),
        onLossRate: (ratio) => metrics.clientLossRate(groupID, ratio),
        onRoundTripTime: (seconds) => metrics.clientRtt(groupID, seconds),
        onJitter: (seconds) => metrics.clientJitter(groupID, seconds),
        onFault: (error) => this.#onPeerFault(error),
      },
      this.#logger,
    );
  }

  #createMedia(): SessionMedia {
    return new SessionMedia(
      {
        ...this.#environment,
        config: this.config,
        io: this.#environment.tap,
        logger: this.#logger,
        drops: this.#drops,
        activeVoices: this.call.activeVoices,
      },
      {
        classOf: (streamId) => this.#announcements.classOf(streamId),
        isScreen: (streamId) => this.call.isScreen(this.sessionID, streamId),
        onTracks: (ended, begun) => {
          for (const { id } of ended) this.#record('track unpublished', id);
          for (const { id } of begun) this.#record('track published', id);
          this.call.changeTracks(ended, begun, this.#nowMs);
        },
        onStarted: (mid) => {
          this.#events.reach('media', this.#nowMs);
          this.#record('media started', `mid ${mid}`);
        },
        onDeadline: () => this.#owner.onDeadline(),
        onVoice: (speaking) => this.#send(speaking ? RtcMessageType.VoiceOn : RtcMessageType.VoiceOff),
      },
    );
  }

  #onIceState(state: IceState): void {
    this.#logger.debug({ state }, 'ice state');
    if (state === 'connected') this.#events.reach('ice', this.#nowMs);
    if (state !== 'closed') this.#record('ice state', state);
    if (state === 'disconnected') this.#environment.metrics.connectionState('disconnected');
    if (state !== 'failed') return;
    this.#environment.metrics.connectionState('failed');
    this.#fail('no ICE consent from the peer for 30 s', 'ice');
  }

  /** The peer comes back with another connection: it has as long for that as for its first one. */
  #onReplaced(): void {
    this.#slot = undefined;
    this.#media.disconnected();
    this.#channel.reset();
    this.#awaited = connection(this.#nowMs);
    this.#connectingSinceMs = this.#nowMs;
    this.#events.forgetConnection();
    this.#record('connection replaced');
    this.#logger.info({}, 'connection replaced');
  }

  /** libwebrtc says goodbye, too, when the section is stopped that carries the bundle, before or after the offer that stops it. */
  #onGoodbye(reason: string): boolean {
    this.#record('goodbye received', reason);
    const mayReturn = this.#signaling.mayMoveTransport(this.#nowMs);
    if (mayReturn) this.#awaited = transportAgain(this.#nowMs, reason);
    else this.#fail(reason);
    return mayReturn;
  }

  #onConnected(slot: number): void {
    const { metrics } = this.#environment;
    this.#awaited = undefined;
    this.#events.reach('dtls', this.#nowMs);
    this.#record('keys changed');
    this.#slot = slot;
    if (this.#capture) this.#environment.tap.attach(slot, this.#capture);
    metrics.connectionState('connected');
    metrics.connectionTime(this.config.groupID, (this.#nowMs - this.#connectingSinceMs) / 1000);
    this.#media.connected(slot, this.#nowMs);
    this.#logger.info({}, 'session connected');
  }

  #giveUp({ event, failure, error }: Awaited): void {
    if (event === 'connection') this.#logger.warn({ obstacle: this.#transport.obstacle }, 'connection failed');
    this.#fail(failure, error);
  }

  #receiveDescription(
    description: SessionDescription,
    reply: (answer: SessionDescription) => void,
    way: SignalingWay,
  ): void {
    this.#record(`${description.type} received`, byWay(way));
    const sendAnswer = (answer: SessionDescription) => {
      this.#record('answer sent', byWay(way));
      reply(answer);
    };
    const isTaken = this.#signaling.receive(description, sendAnswer, way, this.#nowMs);
    if (!isTaken) this.#record('description ignored', description.type);
    this.#admission.chargeDescription(description, isTaken);
  }

  /** A peer whose first offer is refused has no other: it would wait for an answer in vain. */
  #onRefusal({ type }: RtcMessage, { message }: RtcError): void {
    this.#admission.refuse(message);
    if (type === RtcMessageType.SDP && this.#awaited?.event === 'offer') this.#fail(`first offer refused: ${message}`);
  }

  /** The peer's own mistake, on its own channel: counted and logged, and the session goes on. */
  #onPeerFault(error: Error): void {
    this.#admission.refuse(error.message);
    this.#logger.warn({ reason: error.message }, 'peer message refused');
  }

  #fail(reason: string, error?: RtcErrorType): void {
    if (this.#closed) return;
    if (error) this.#environment.metrics.error(this.config.groupID, error);
    this.#owner.onFailed(reason);
  }

  #record(event: SessionEventName, detail?: string): void {
    this.#events.record(event, this.#nowMs, detail);
  }

  #sendSdp(description: SessionDescription): void {
    this.#send(RtcMessageType.SDP, encodeSessionDescription(description));
  }

  #send(type: RtcMessageType, data: Uint8Array = NO_DATA): void {
    const { groupID, userID, sessionID, callID } = this.config;
    this.#owner.send({ groupID, userID, sessionID, callID, type, data });
  }
}

const byWay = (way: SignalingWay): string => (way === 'channel' ? 'over the data channel' : 'through the client');

const NO_DATA = new Uint8Array(0);
