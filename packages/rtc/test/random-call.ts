import { seededRandom } from '@rtcd/packet-io/testing';
import { expect } from 'vitest';
import type { DropCounts } from '../src/inspect/drops.ts';
import { type Participant, type SentVideo, SimulatedCall, type VideoEncoding } from '../src/testing/index.ts';
import { seededBytes } from '../src/testing/seeded-random.ts';
import { type RandomAction, type RandomSchedule, ROUND_MS, USERS } from './random-schedule.ts';
import { SentPackets } from './sent-packets.ts';
import { UnreliableUser, type VideoType } from './unreliable-user.ts';

const GOOD_NETWORK = { lossRate: 0, duplicateRate: 0, reorderRate: 0, delayMs: 20 };
/** From the last event until everything is as wanted. */
const SETTLE_MS = 20_000;
/** From the last announcement, with pictures that move again, until all are shown. */
const SHOWN_MS = 8_000;
/** Several pictures of each video. */
const WATCH_MS = 6_000;
const VIDEO_TYPES: readonly VideoType[] = ['video', 'screen'];
/** Tracks of all others at once, what a peer sends, and places that wait to be recycled. */
const MAX_SECTIONS = 40;

/** Drops in a quiet call: of a screen that waits for its turn, of a muted voice, and of packets that wait when a receiver is switched to another encoding. */
const QUIET_DROPS: readonly (keyof DropCounts)[] = [
  'rtp_unused_stream',
  'rtp_muted',
  'pacer_outdated',
  'nack_outdated',
];
/** Drops on a network that loses, doubles and reorders, and around a peer that leaves. */
const DROPS: readonly (keyof DropCounts)[] = [
  ...QUIET_DROPS,
  'no_session',
  'rtp_unknown_ssrc',
  'srtp_before_keys',
  'sctp_chunk_unexpected',
  'send_unproven_path',
  'dtls_unexpected',
  'dtls_handshake_rejected',
  'dtls_replayed',
  'srtp_replayed',
  'rtp_late',
  'rtp_repeated',
  'nack_not_kept',
  'nack_repeated',
  'nack_over_limit',
];

interface Present {
  readonly user: UnreliableUser;
  readonly sessionID: string;
  readonly participant: Participant;
}

/** A call of eight who do what users do, at random times and over a bad network, and become quiet now and then. */
export class RandomCall {
  readonly #call: SimulatedCall;
  readonly #sent: SentPackets;
  readonly #users: readonly UnreliableUser[];
  readonly #left = new Set<string>();
  /** Encodings without bandwidth. */
  readonly #silent = new Set<VideoEncoding>();

  private constructor(call: SimulatedCall, sent: SentPackets, users: readonly UnreliableUser[]) {
    this.#call = call;
    this.#sent = sent;
    this.#users = users;
    call.sfu.on('sessionClosed', ({ config, reason }) => {
      if (reason !== 'left') throw new Error(`${config.sessionID} was closed: ${reason}`);
    });
  }

  static async start(seed: number, { traits, framesPerSecond }: RandomSchedule): Promise<RandomCall> {
    const sent = new SentPackets();
    const call = await SimulatedCall.start({ ...GOOD_NETWORK, seed, createPlane: sent.createPlane });
    const random = seededRandom(seed);
    const randomBytes = seededBytes(seed + 1);
    const frames = { framesPerSecond, packetsPerKeyframe: 3, packetsPerFrame: 1, payloadBytes: 60 };
    const users = USERS.map(
      (sessionID, index) => new UnreliableUser(call, { sessionID, ...traits[index]!, frames, random, randomBytes }),
    );
    for (const user of users) await user.join();
    call.time.runFor(1_000);
    return new RandomCall(call, sent, users);
  }

  async run({ rounds }: RandomSchedule): Promise<void> {
    const { time } = this.#call;
    for (const steps of rounds) {
      const startMs = time.nowMs;
      this.#freeze(false);
      for (const { atMs, user, action } of steps) {
        time.runUntil(startMs + atMs);
        await this.#do(this.#users[user]!, action);
      }
      const endsMs = steps.map(({ atMs, action }) => atMs + ('durationMs' in action ? action.durationMs : 0));
      time.runUntil(startMs + Math.max(...endsMs));
      await this.#becomeQuiet();
      this.#checkQuiet();
      this.#freeze(true);
      time.runUntil(startMs + ROUND_MS);
    }
    expect(this.#sent.reused, 'numbers used twice').toEqual([]);
    expect(this.#dropsBeyond(DROPS, this.#call.sfu.stats().drops), 'drops').toEqual({});
  }

  async close(): Promise<void> {
    for (const user of this.#users) await user.leave();
    await this.#call.close();
  }

  get #present(): Present[] {
    return this.#users.flatMap((user) =>
      user.participant ? [{ user, sessionID: user.sessionID, participant: user.participant }] : [],
    );
  }

  /** The one of those who share their screens whose turn it is. */
  get #sharer(): UnreliableUser | undefined {
    return this.#users.find((user) => user.isShowing('screen'));
  }

  async #do(user: UnreliableUser, action: RandomAction): Promise<void> {
    const { time, network } = this.#call;
    switch (action.name) {
      case 'publish':
        return user.publish();
      case 'unpublish':
        return user.unpublish();
      case 'mute':
      case 'unmute':
        return user.setMuted(action.name === 'mute');
      case 'speak':
        return this.#speak([user], 100);
      case 'toggle':
        return user.toggle(action.type);
      case 'encoding': {
        const encodings = user.sent.get(action.type)?.encodings ?? [];
        const encoding = encodings[action.index % encodings.length];
        if (!encoding) return;
        encoding.isPaused = !encoding.isPaused;
        if (encoding.isPaused) this.#silent.add(encoding);
        else this.#silent.delete(encoding);
        return;
      }
      case 'takeLock':
        return user.takeLock();
      case 'leave':
        this.#left.add(user.sessionID);
        return user.leave();
      case 'rejoin':
        this.#left.delete(user.sessionID);
        await user.leave();
        return user.join();
      case 'sleep':
        user.sleep();
        time.schedule(time.nowMs + action.durationMs, () => user.wake());
        return;
      case 'network':
        network.setConditions(action.conditions);
        time.schedule(time.nowMs + action.durationMs, () => network.setConditions(GOOD_NETWORK));
        return;
      default:
        action satisfies never;
    }
  }

  /** Screens and cameras stand still, or move again. */
  #freeze(isFrozen: boolean): void {
    for (const { sent } of this.#users) {
      const encodings = [...sent.values()].flatMap((video) => video.encodings);
      for (const encoding of encodings) encoding.isPaused = isFrozen || this.#silent.has(encoding);
    }
  }

  async #becomeQuiet(): Promise<void> {
    for (const user of this.#users) {
      if (user.isOpen || this.#left.has(user.sessionID)) continue;
      await user.leave();
      await user.join();
    }
    this.#freeze(true);
    this.#call.time.runFor(SETTLE_MS);
    const sharer = this.#sharer;
    for (const user of this.#users) {
      user.setMuted(false);
      if (user !== sharer) user.announceAgain(false);
    }
    sharer?.announceAgain(true);
    this.#freeze(false);
    this.#call.time.runFor(SHOWN_MS);
  }

  #speak(users: readonly UnreliableUser[], durationMs: number): void {
    const speakers = users.flatMap(({ participant }) => (participant?.isSending ? [participant] : []));
    this.#call.speak(speakers, durationMs);
  }

  /** The wanted tracks, the descriptions, and all that arrives agree. */
  #checkQuiet(): void {
    const before = { ...this.#call.sfu.stats().drops };
    this.#checkTracks();
    this.#checkSections();
    this.#checkVoices();
    this.#checkVideos();
    const { drops } = this.#call.sfu.stats();
    const news = Object.fromEntries(
      Object.entries(drops).map(([reason, count]) => [reason, count - before[reason as keyof DropCounts]]),
    );
    expect(this.#dropsBeyond(QUIET_DROPS, news), 'drops while quiet').toEqual({});
  }

  #checkTracks(): void {
    for (const { sessionID, participant } of this.#present) {
      const tracks = USERS.flatMap((sender) => participant.typesFrom(sender).map((type) => `${type} of ${sender}`));
      expect(tracks.toSorted(), `tracks at ${sessionID}`).toEqual(this.#wantedBy(sessionID));
    }
  }

  #wantedBy(sessionID: string): string[] {
    return this.#present
      .filter(({ user }) => user.sessionID !== sessionID)
      .flatMap(({ user }) => [
        ...(user.isPublishing ? [`voice of ${user.sessionID}`] : []),
        ...VIDEO_TYPES.flatMap((type) => (this.#videoOf(user, type) ? [`${type} of ${user.sessionID}`] : [])),
      ])
      .toSorted();
  }

  /** A video that its receivers should be sent. */
  #videoOf(user: UnreliableUser, type: VideoType): SentVideo | undefined {
    return type === 'screen' && user !== this.#sharer ? undefined : user.sent.get(type);
  }

  /** Both sides have the same sections in the same order, for the same tracks, and their number does not grow. */
  #checkSections(): void {
    for (const { sessionID, participant } of this.#present) {
      const { sections } = this.#call.sfu.inspect('group', sessionID);
      const ours = sections.map(({ mid, direction }) => ({ mid, rejected: direction === 'rejected' }));
      const theirs = participant.sections.map(({ mid, rejected }) => ({ mid, rejected }));
      expect(ours, `sections of ${sessionID}`).toEqual(theirs);
      const current = new Map(participant.sections.map((section) => [section.mid, section.current]));
      for (const { mid, direction, trackId } of sections) {
        if (trackId) expect(['recvonly', 'sendrecv'], `${trackId} at ${sessionID}`).toContain(current.get(mid));
        else if (direction === 'recvonly')
          expect(['sendonly', 'sendrecv'], `${mid} of ${sessionID}`).toContain(current.get(mid));
      }
      expect(sections.length, `sections of ${sessionID}`).toBeLessThanOrEqual(MAX_SECTIONS);
    }
  }

  /** Everyone hears all others, but for those who are muted. */
  #checkVoices(): void {
    const present = this.#present;
    const speakers = present.filter(({ user }) => user.isPublishing);
    for (const { sessionID, participant } of speakers) expect(participant.isSending, `${sessionID} sends`).toBe(true);
    const muted = speakers.filter((_, index) => index % 3 === 2);
    for (const { user } of muted) user.setMuted(true);
    this.#call.time.runFor(100);
    const heard = () =>
      present.map(({ participant }) => ({
        stray: participant.strayPackets,
        voices: speakers.map(({ sessionID }) => participant.received(sessionID, 'voice')),
      }));
    const before = structuredClone(heard());
    this.#call.speak(
      speakers.map(({ participant }) => participant),
      100,
    );
    this.#call.time.runFor(200);
    for (const [listener, { stray, voices }] of heard().entries()) {
      const { sessionID } = present[listener]!;
      expect(stray, `packets of no announced source at ${sessionID}`).toBe(before[listener]!.stray);
      for (const [index, speaker] of speakers.entries()) {
        if (speaker.sessionID === sessionID) continue;
        const was = before[listener]!.voices[index];
        const isMuted = muted.includes(speaker);
        expect(voices[index], `${speaker.sessionID} at ${sessionID}`).toMatchObject({
          packets: (was?.packets ?? 0) + (isMuted ? 0 : 5),
          corrupt: was?.corrupt ?? 0,
          ...(!isMuted && { source: speaker.participant.voiceSsrc }),
        });
      }
    }
    for (const { user } of muted) user.setMuted(false);
  }

  /** Everyone is shown each picture of one of the encodings that are sent. */
  #checkVideos(): void {
    const watched = this.#present.flatMap(({ sessionID, participant }) =>
      this.#present.flatMap(({ user }) =>
        VIDEO_TYPES.flatMap((type) => {
          const sent = user.sessionID === sessionID ? undefined : this.#videoOf(user, type);
          if (!sent) return [];
          const received = participant.receivedVideo(user.sessionID, type);
          const { shown = [], corrupt = 0, skipped = 0 } = received ?? {};
          return [
            {
              name: `${type} of ${user.sessionID} at ${sessionID}`,
              sent,
              received,
              before: { count: shown.length, corrupt, skipped },
            },
          ];
        }),
      ),
    );
    this.#call.time.runFor(WATCH_MS);
    for (const { name, sent, received, before } of watched) {
      const flowing = sent.encodings.filter(({ isPaused }) => !isPaused);
      if (flowing.length === 0) continue;
      expect(received, name).toBeDefined();
      const { shown, corrupt, skipped } = received!;
      const last = shown.at(-1);
      const encoding = flowing.find(({ ssrc }) => ssrc === last?.source);
      expect(encoding, `source of ${name}`).toBeDefined();
      expect(last!.frame, `last picture of ${name}`).toBeGreaterThanOrEqual(encoding!.frames - 2);
      expect(shown.length - before.count, `pictures of ${name}`).toBeGreaterThan(1);
      expect({ corrupt, skipped }, name).toEqual({ corrupt: before.corrupt, skipped: before.skipped });
    }
  }

  #dropsBeyond(
    allowed: readonly (keyof DropCounts)[],
    drops: Record<string, number> | DropCounts,
  ): Record<string, number> {
    const others = Object.entries(drops).filter(
      ([reason, count]) => count > 0 && !allowed.includes(reason as keyof DropCounts),
    );
    return Object.fromEntries(others);
  }
}
