import { seededRandom } from '@rtcd/packet-io/testing';
import { expect, it } from 'vitest';
import { SimulatedCall } from '../src/testing/index.ts';
import { seededBytes } from '../src/testing/seeded-random.ts';
import { type Action, describeSchedule, type Schedule, scheduleOf, USERS } from './unreliable-schedule.ts';
import { UnreliableUser } from './unreliable-user.ts';

/** Number of seeds and the first of them, or a single one to replay a failure. */
const SEEDS = Number(process.env.RTCD_SEEDS ?? 1_000);
const FIRST_SEED = Number(process.env.RTCD_FIRST_SEED ?? 1);
const SEED = process.env.RTCD_SEED;

const QUIET_MS = 60_000;
/** For an announcement to turn into tracks at everyone. */
const ANNOUNCED_MS = 5_000;
const GOOD_NETWORK = { lossRate: 0, duplicateRate: 0, reorderRate: 0, delayMs: 20 };

/** A call of three whose signaling is lost, late, doubled and out of order, until it is well again. */
class UnreliableCall {
  readonly #call: SimulatedCall;
  readonly #users: readonly UnreliableUser[];
  readonly #left = new Set<string>();

  private constructor(call: SimulatedCall, users: readonly UnreliableUser[]) {
    this.#call = call;
    this.#users = users;
    call.sfu.on('sessionClosed', ({ config, reason }) => {
      if (reason !== 'left') throw new Error(`${config.sessionID} was closed: ${reason}`);
    });
  }

  static async start(seed: number, { traits }: Schedule): Promise<UnreliableCall> {
    const call = await SimulatedCall.start({ ...GOOD_NETWORK, seed });
    const random = seededRandom(seed);
    const randomBytes = seededBytes(seed + 1);
    const users = USERS.map(
      (sessionID, index) => new UnreliableUser(call, { sessionID, ...traits[index]!, random, randomBytes }),
    );
    return new UnreliableCall(call, users);
  }

  async run({ steps, endMs }: Schedule): Promise<void> {
    for (const user of this.#users) await user.join();
    this.#call.time.runFor(500);
    const startMs = this.#call.time.nowMs;
    for (const { atMs, user, action } of steps) {
      this.#call.time.runUntil(startMs + atMs);
      await this.#do(this.#users[user]!, action);
    }
    this.#call.time.runUntil(startMs + endMs);
    await this.#retryJoins();
    this.#call.time.runFor(QUIET_MS);
    for (const user of this.#users) user.setMuted(false);
    const sharer = this.#users.find((user) => user.isShowing('screen'));
    for (const user of this.#users) if (user !== sharer) user.announceAgain(false);
    sharer?.announceAgain(true);
    this.#call.time.runFor(ANNOUNCED_MS);
  }

  /** Everybody is sent what is wanted and nothing else, and it is what its sender sent. */
  checkMedia(): void {
    const present = this.#users.flatMap(({ sessionID, isPublishing, participant }) =>
      participant ? [{ sessionID, isPublishing, participant }] : [],
    );
    const speakers = present.filter(({ isPublishing }) => isPublishing);
    for (const { sessionID, participant } of speakers) expect(participant.isSending, `${sessionID} sends`).toBe(true);
    const counts = () =>
      present.map(({ participant }) => ({
        stray: participant.strayPackets,
        heard: speakers.map(({ sessionID }) => participant.received(sessionID, 'voice')),
      }));
    const before = structuredClone(counts());
    this.#call.speak(
      speakers.map(({ participant }) => participant),
      200,
    );
    this.#call.time.runFor(200);
    for (const [listener, { sessionID, participant }] of present.entries()) {
      const tracks = USERS.flatMap((sender) => participant.typesFrom(sender).map((type) => `${type} of ${sender}`));
      expect(tracks.toSorted(), `tracks at ${sessionID}`).toEqual(this.#wantedBy(sessionID));
      const now = counts()[listener]!;
      expect(now.stray, `packets of no announced source at ${sessionID}`).toBe(before[listener]!.stray);
      for (const [index, speaker] of speakers.entries()) {
        if (speaker.sessionID === sessionID) continue;
        const was = before[listener]!.heard[index];
        expect(now.heard[index], `${speaker.sessionID} at ${sessionID}`).toMatchObject({
          packets: (was?.packets ?? 0) + 10,
          corrupt: was?.corrupt ?? 0,
          source: speaker.participant.voiceSsrc,
        });
      }
    }
  }

  /** All that the others send: of several screens, the one that was announced. */
  #wantedBy(sessionID: string): string[] {
    const sharer = this.#users.find((user) => user.isShowing('screen'));
    return this.#users
      .filter((user) => user.sessionID !== sessionID && user.participant)
      .flatMap((user) => [
        ...(user === sharer ? [`screen of ${user.sessionID}`] : []),
        ...(user.isShowing('video') ? [`video of ${user.sessionID}`] : []),
        ...(user.isPublishing ? [`voice of ${user.sessionID}`] : []),
      ])
      .toSorted();
  }

  /** The SFU and the peer agree about every section: a peer that offers what it has gets the same back, and no offer follows. */
  checkDescriptions(): void {
    for (const user of this.#users) {
      const { participant, sessionID } = user;
      if (!participant) continue;
      const before = participant.sections;
      const { offers } = user;
      user.refusals.length = 0;
      const refused: string[] = [];
      participant.on('refused', (reason) => refused.push(reason));
      participant.renegotiate();
      this.#call.time.runFor(5_000);
      expect([...refused, ...user.refusals], `refused by or from ${sessionID}`).toEqual([]);
      expect(participant.sections, `sections of ${sessionID}`).toEqual(before);
      expect(user.offers, `offers to ${sessionID}`).toBe(offers);
    }
  }

  async close(): Promise<void> {
    for (const user of this.#users) await user.leave();
    await this.#call.close();
  }

  async #do(user: UnreliableUser, action: Action): Promise<void> {
    const { time } = this.#call;
    switch (action.name) {
      case 'publish':
        return user.publish();
      case 'unpublish':
        return user.unpublish();
      case 'mute':
      case 'unmute':
        return user.setMuted(action.name === 'mute');
      case 'toggle':
        return user.toggle(action.type);
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
      case 'way':
        user.setConditions(action.toSfu, action.toPeer);
        time.schedule(time.nowMs + action.durationMs, () => user.recover(action.isNoticed));
        return;
      case 'network':
        this.#call.network.setConditions(action.conditions);
        time.schedule(time.nowMs + action.durationMs, () => this.#call.network.setConditions(GOOD_NETWORK));
        return;
      default:
        action satisfies never;
    }
  }

  /** From now on nothing is lost. Those who did not get in try again. */
  async #retryJoins(): Promise<void> {
    for (const user of this.#users) {
      if (!user.participant && this.#left.has(user.sessionID)) continue;
      if (!user.isOpen) {
        await user.leave();
        await user.join();
      }
    }
  }
}

async function check(seed: number): Promise<void> {
  const schedule = scheduleOf(seed);
  try {
    const call = await UnreliableCall.start(seed, schedule);
    await call.run(schedule);
    call.checkMedia();
    call.checkDescriptions();
    await call.close();
  } catch (error) {
    throw new Error(`seed ${seed} (replay with RTCD_SEED=${seed}):\n${describeSchedule(schedule)}`, { cause: error });
  }
}

it('a call ends up as wanted whatever happened to its signaling', { timeout: 3_600_000 }, async () => {
  if (SEED !== undefined) return check(Number(SEED));
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) await check(seed);
});
