import { encodeSessionDescription, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import { Announcements } from '../call/announcements.ts';
import type { Call, CallMember } from '../call/call.ts';
import { DropCounts } from '../inspect/drops.ts';
import { SessionJournal } from '../inspect/session-journal.ts';
import { SessionRecording } from '../inspect/session-recording.ts';
import { SessionMedia } from '../media/session-media.ts';
import { MessageAdmission } from '../messages/admission.ts';
import { CallsChannel } from '../messages/on-data-channel.ts';
import { DEFAULT_MAX_MESSAGE_BYTES } from '../sctp/options.ts';
import { PeerSignaling } from '../signaling/peer-signaling.ts';
import { PeerTransport } from '../transport/peer-transport.ts';
import { ClientMessages } from './client-messages.ts';
import { ConnectionProgress } from './connection-progress.ts';
import { DescriptionExchange } from './description-exchange.ts';
import type { SessionEnvironment, SessionOwner } from './session-owner.ts';
import { UndecodableTracks } from './undecodable-tracks.ts';

export interface SessionPartsOptions {
  readonly config: SessionConfig;
  /** The session itself, as its call knows it. */
  readonly member: CallMember;
  readonly call: Pick<
    Call,
    'tracksFor' | 'changeTracks' | 'isScreen' | 'shareScreen' | 'unshareScreen' | 'activeVoices' | 'speakers'
  >;
  readonly environment: SessionEnvironment;
  readonly owner: SessionOwner;
  readonly nowMs: number;
}

/** The parts of a session, wired: none of transport, signaling and media knows the others. Decides nothing. */
export class SessionParts {
  readonly journal: SessionJournal;
  readonly progress: ConnectionProgress;
  readonly signaling: PeerSignaling;
  readonly transport: PeerTransport;
  readonly channel: CallsChannel;
  readonly media: SessionMedia;
  readonly clientMessages: ClientMessages;
  readonly recording: SessionRecording;
  readonly #options: SessionPartsOptions;
  readonly #admission: MessageAdmission;
  readonly #exchange: DescriptionExchange;
  readonly #announcements = new Announcements();
  readonly #undecodable: UndecodableTracks;
  readonly #drops = new DropCounts();

  constructor(options: SessionPartsOptions) {
    const { config, environment, nowMs } = options;
    this.#options = options;
    this.journal = new SessionJournal(config, environment, nowMs);
    this.progress = this.#createProgress();
    this.#admission = new MessageAdmission(this.journal, nowMs);
    this.#undecodable = new UndecodableTracks(this.journal);
    this.#exchange = this.#createExchange();
    this.signaling = this.#createSignaling();
    this.transport = this.#createTransport();
    this.channel = this.#createChannel();
    this.media = this.#createMedia();
    this.clientMessages = this.#createClientMessages();
    this.recording = new SessionRecording({ ...environment, endpoints: () => this.transport.endpoints });
  }

  #createProgress(): ConnectionProgress {
    const { owner, nowMs } = this.#options;
    return new ConnectionProgress(
      this.journal,
      {
        obstacle: () => this.transport.obstacle,
        way: () => this.transport.way,
        onFailed: (reason) => owner.onFailed(reason),
      },
      nowMs,
    );
  }

  #createExchange(): DescriptionExchange {
    return new DescriptionExchange({
      journal: this.journal,
      admission: this.#admission,
      offersBy: this.#options.config.props.dcSignaling ? 'channel' : 'client',
      apply: (description, reply, way, nowMs) => this.signaling.receive(description, reply, way, nowMs),
      send: {
        client: (description) => this.#send(RtcMessageType.SDP, encodeSessionDescription(description)),
        channel: (description, nowMs) => this.channel.sendDescription(description, nowMs),
      },
      sendMediaMap: (map, nowMs, onAcknowledged) => this.channel.sendMediaMap(map, nowMs, onAcknowledged),
    });
  }

  #createSignaling(): PeerSignaling {
    const { config, member, call, environment, owner } = this.#options;
    const { certificate, candidates, random, metrics } = environment;
    const { journal } = this;
    return new PeerSignaling(
      {
        fingerprint: { algorithm: 'sha-256', value: certificate.fingerprint },
        candidates,
        random,
        maxMessageSizeBytes: DEFAULT_MAX_MESSAGE_BYTES,
        offersBy: config.props.dcSignaling ? 'channel' : 'client',
      },
      {
        wanted: (nowMs) => {
          const { wanted, undecodable } = call.tracksFor(member);
          this.#undecodable.report(undecodable, nowMs);
          return wanted;
        },
        sendMediaMap: (map, onDelivered, nowMs) => this.#exchange.sendMediaMap(map, onDelivered, nowMs),
        sendOffer: (offer, nowMs) => this.#exchange.sendOffer(offer, nowMs),
        onRemote: (remote, nowMs) => {
          this.progress.onRemoteDescription(nowMs);
          this.transport.update(remote, nowMs);
        },
        onIceRestart: (local, remote, nowMs) => {
          journal.record('ice restarted', nowMs);
          owner.onUfrag(local.ufrag);
          this.transport.restartIce(local, remote);
        },
        onRemoteIce: (remote) => this.transport.setRemoteIce(remote),
        onNegotiated: (media, nowMs) => this.media.sync(media, nowMs),
        onFailure: (error, detail, nowMs) => {
          journal.countError(error);
          journal.record('signaling failure', nowMs, detail);
          journal.logger.warn({ error }, detail);
        },
        onLockGrabbed: (waitedMs) => metrics.signalingLockGrabTime(config.groupID, waitedMs / 1000),
        onLockReleased: (heldMs) => metrics.signalingLockLockedTime(config.groupID, heldMs / 1000),
      },
    );
  }

  #createTransport(): PeerTransport {
    const { environment, owner, nowMs } = this.#options;
    return new PeerTransport(
      {
        ...environment,
        localIce: this.signaling.localIce,
        maxMessageSizeBytes: DEFAULT_MAX_MESSAGE_BYTES,
        drops: this.#drops,
        journal: this.journal,
      },
      {
        onPath: (path) => owner.onPath(path),
        onPathProven: (path) => owner.onPathProven(path),
        onRequest: (transactionId) => owner.onRequest(transactionId),
        onRequestOver: (transactionId) => owner.onRequestOver(transactionId),
        onPathForgotten: (path) => owner.onPathForgotten(path),
        onUfragRetired: (ufrag) => owner.onUfragRetired(ufrag),
        onIceState: (state, atMs) => this.progress.onIceState(state, atMs),
        onReplaced: (atMs) => {
          this.recording.disconnected();
          this.media.disconnected();
          this.channel.reset();
          this.progress.onReplaced(atMs);
        },
        onConnected: (slot, atMs) => {
          this.progress.onConnected(atMs);
          this.recording.connected(slot);
          this.media.connected(slot, atMs);
        },
        onRtp: (packet, rolloverCounter, atMs) => {
          this.recording.receivedRtp(packet);
          this.media.receiveRtp(packet, rolloverCounter, atMs);
        },
        onRtcp: (compound, atMs) => {
          this.recording.receivedRtcp(compound);
          this.media.receiveRtcp(compound, atMs);
        },
        onChannelOpen: (channel, atMs) => this.channel.open(channel, atMs),
        onMessage: (channel, data, atMs) => this.channel.receive(channel, data, atMs),
        onGoodbye: (reason, atMs) => this.progress.onGoodbye(reason, this.signaling.mayMoveTransport(atMs), atMs),
        onFailed: (reason) => owner.onFailed(reason),
      },
      nowMs,
    );
  }

  #createChannel(): CallsChannel {
    const { config, environment, owner } = this.#options;
    return new CallsChannel(
      { journal: this.journal, admission: this.#admission, drops: this.#drops },
      {
        send: (channel, data, nowMs, onAcknowledged) => this.transport.send(channel, data, nowMs, onAcknowledged),
        onOpen: (nowMs) => {
          this.progress.onChannelOpen(nowMs);
          this.signaling.negotiator.allowOffers(nowMs);
        },
        waitForTurn: (work) => {
          environment.descriptionTurns.wait(config.groupID, (nowMs) => {
            owner.contain(() => work(nowMs));
            owner.onDeadline();
          });
        },
        onDescription: (description, nowMs) => this.#exchange.receive(description, 'channel', nowMs),
        takeLock: (nowMs) => this.signaling.negotiator.takeLock(nowMs),
        releaseLock: (nowMs) => this.signaling.negotiator.releaseLock(nowMs),
      },
    );
  }

  #createMedia(): SessionMedia {
    const { config, call, environment, owner } = this.#options;
    return new SessionMedia(
      {
        ...environment,
        config,
        io: environment.tap,
        journal: this.journal,
        drops: this.#drops,
        activeVoices: call.activeVoices,
        speakers: call.speakers,
      },
      {
        classOf: (streamId) => this.#announcements.classOf(streamId),
        isScreen: (streamId) => call.isScreen(config.sessionID, streamId),
        onTracks: (ended, begun, nowMs) => call.changeTracks(ended, begun, nowMs),
        onDeadline: () => owner.onDeadline(),
        onVoice: (speaking) => this.#send(speaking ? RtcMessageType.VoiceOn : RtcMessageType.VoiceOff),
      },
    );
  }

  #createClientMessages(): ClientMessages {
    const { config, call, environment } = this.#options;
    return new ClientMessages({
      sessionID: config.sessionID,
      call,
      announcements: this.#announcements,
      admission: this.#admission,
      descriptionTurns: environment.descriptionTurns,
      exchange: this.#exchange,
      media: this.media,
      progress: this.progress,
      transport: this.transport,
    });
  }

  #send(type: RtcMessageType, data: Uint8Array = NO_DATA): void {
    const { config, owner } = this.#options;
    const { groupID, userID, sessionID, callID } = config;
    owner.send({ groupID, userID, sessionID, callID, type, data });
  }
}

const NO_DATA = new Uint8Array(0);
