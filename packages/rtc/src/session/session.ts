import type { PathId } from '@rtcd/packet-io';
import type { RtcMessage, SessionConfig } from '@rtcd/protocol';
import type { Call, CallMember } from '../call/call.ts';
import type { PublishedTrack } from '../call/published-track.ts';
import type { CandidateProtocol } from '../ice/candidate.ts';
import { type MemberSnapshot, memberSnapshot } from '../inspect/call-snapshot.ts';
import { DropCounts, nonZeroDrops } from '../inspect/drops.ts';
import { logSessionEnd } from '../inspect/session-end.ts';
import type { SessionRecording } from '../inspect/session-recording.ts';
import { type SessionSnapshot, type SessionSummary, sectionSnapshot } from '../inspect/snapshot.ts';
import type { VideoStreamCounter } from '../inspect/video-streams.ts';
import type { TransportProtocol } from '../transport/demux.ts';
import type { SessionEnvironment, SessionOwner } from './session-owner.ts';
import { SessionParts } from './session-parts.ts';

/** One user's connection to a call: passes each input to the part that handles it. */
export class Session implements CallMember {
  readonly config: SessionConfig;
  readonly call: Call<Session>;
  readonly #owner: SessionOwner;
  readonly #parts: SessionParts;
  #isClosed = false;

  constructor(
    config: SessionConfig,
    call: Call<Session>,
    environment: SessionEnvironment,
    owner: SessionOwner,
    nowMs: number,
  ) {
    this.config = config;
    this.call = call;
    this.#owner = owner;
    this.#parts = new SessionParts({ config, member: this, call, environment, owner, nowMs });
  }

  /** To be called once its owner can hear from it. */
  open(): void {
    const { journal, signaling } = this.#parts;
    journal.metrics.sessionOpened(journal.groupID);
    this.#owner.onUfrag(signaling.localIce.ufrag);
    this.#owner.onDeadline();
    journal.logger.info({}, 'session opened');
  }

  get sessionID(): string {
    return this.config.sessionID;
  }

  get av1Support(): boolean {
    return this.config.props.av1Support;
  }

  /** Records the session's packets on demand. */
  get recording(): SessionRecording {
    return this.#parts.recording;
  }

  canDecode(track: PublishedTrack): boolean {
    return this.#parts.signaling.canDecode(track);
  }

  /** Adds all drops of what the peer sent, and of what was to be sent to it, to those of the whole. */
  addDropsTo(whole: DropCounts): void {
    this.#parts.transport.addDropsTo(whole);
  }

  /** The session at a glance. */
  summarize(nowMs: number): SessionSummary {
    const { groupID, callID, userID, sessionID } = this.config;
    const { transport, journal } = this.#parts;
    const { path, way } = transport;
    const drops = new DropCounts();
    this.addDropsTo(drops);
    return {
      groupID,
      callID,
      userID,
      sessionID,
      ageMs: journal.events.ageMs(nowMs),
      reachedMs: journal.events.reachedMs,
      ...(path !== undefined && { path }),
      ...(way !== undefined && { way }),
      drops: nonZeroDrops(drops),
    };
  }

  /** State of the session, for people. */
  inspect(nowMs: number): SessionSnapshot {
    const { transport, signaling, media, journal } = this.#parts;
    return {
      ...this.summarize(nowMs),
      ...transport.inspect(nowMs),
      sections: signaling.sections.map(sectionSnapshot),
      ...media.inspect(nowMs),
      events: journal.events.events,
      eventsForgotten: journal.events.forgotten,
    };
  }

  /** The session as a member of its call. */
  inspectAsMember(nowMs: number): MemberSnapshot {
    return memberSnapshot(this.summarize(nowMs), this.#parts.media.inspect(nowMs));
  }

  /** Protocol of the path that it sends on. */
  get protocol(): CandidateProtocol | undefined {
    return this.#parts.transport.endpoints?.protocol;
  }

  countVideoStreams(counter: VideoStreamCounter): void {
    this.#parts.media.countVideoStreams(counter);
  }

  /** A message of the client for this session. Throws `RtcError` if the client or the peer behind it did wrong. */
  receive(message: RtcMessage, nowMs: number): void {
    const { clientMessages, signaling } = this.#parts;
    try {
      clientMessages.receive(message, nowMs);
      signaling.negotiator.hear(nowMs);
    } finally {
      this.#owner.onDeadline();
    }
  }

  /** The client's way to the peer was interrupted, and is there again: what was sent meanwhile may be lost. */
  resume(nowMs: number): void {
    const { journal, signaling } = this.#parts;
    journal.record('client reconnected', nowMs);
    signaling.negotiator.resume(nowMs);
    this.#owner.onDeadline();
  }

  /** A datagram of the peer. It may be decrypted in place. */
  receiveDatagram(kind: TransportProtocol, datagram: Buffer, path: PathId, nowMs: number): void {
    this.#parts.transport.receive(kind, datagram, path, nowMs);
    this.#owner.onDeadline();
  }

  /** The connection of one of the peer's paths broke. */
  pathEnded(path: PathId, nowMs: number): void {
    this.#parts.transport.pathEnded(path, nowMs);
    this.#owner.onDeadline();
  }

  /** Called from within work for another session, which must not suffer from what goes wrong here. */
  onTracksChanged(nowMs: number): void {
    this.#owner.contain(() => this.#parts.signaling.negotiator.hear(nowMs));
    this.#owner.onDeadline();
  }

  deadline(): number {
    if (this.#isClosed) return Number.POSITIVE_INFINITY;
    const { progress, transport, signaling, media } = this.#parts;
    return Math.min(progress.deadline(), transport.deadline(), signaling.negotiator.deadline(), media.deadline());
  }

  timeout(nowMs: number): void {
    const { progress, transport, signaling, media } = this.#parts;
    progress.timeout(nowMs);
    if (this.#isClosed) return;
    transport.timeout(nowMs);
    signaling.negotiator.timeout(nowMs);
    media.timeout(nowMs);
  }

  /** The process has not run for long: the silence of the client and the peer meanwhile does not count. */
  excuse(excusedMs: number, nowMs: number): void {
    if (this.#isClosed) return;
    const { progress, transport, journal } = this.#parts;
    journal.record('process resumed', nowMs);
    progress.excuse(excusedMs);
    transport.excuse(excusedMs, nowMs);
  }

  /** Idempotent. The call and the client learn of it from the owner. */
  close(reason: string, nowMs: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { transport, signaling, channel, media, journal } = this.#parts;
    const summary = this.summarize(nowMs);
    signaling.negotiator.close();
    channel.reset();
    media.close(nowMs);
    transport.close(nowMs);
    journal.metrics.connectionState('closed');
    journal.metrics.sessionClosed(journal.groupID);
    journal.record('closed', nowMs, reason);
    logSessionEnd(journal.logger, reason, summary, journal.events);
  }
}
