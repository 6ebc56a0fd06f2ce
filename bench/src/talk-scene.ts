import { setTimeout as sleep } from 'node:timers/promises';
import type { Participant } from '@rtcd/rtc/testing';
import { type JoinedParticipant, Joiner } from './joiner.ts';
import { ServerProcess } from './server-process.ts';

/** Calls of equal size, in each of which some speak. */
export interface TalkScenario {
  readonly name: string;
  readonly calls: number;
  /** Number of people in one call. */
  readonly members: number;
  /** Members of a call who speak. */
  readonly speakers: number;
  /** Rate of the packets that the SFU sends. */
  readonly packetsPerSecond: number;
}

const SAMPLE_MS = 1_000;
const SETTLE_MS = 500;

/** A speaker and a member of the same call who hears it. */
interface Pair {
  readonly from: string;
  readonly to: Participant;
}

/** The calls of a scenario on an SFU of its own, which runs in another process. */
export class TalkScene {
  readonly packetsPerSample: number;
  readonly #server: ServerProcess;
  readonly #members: readonly JoinedParticipant[];
  readonly #speakers: readonly Participant[];
  readonly #pairs: readonly Pair[];
  /** Time between two packets that arrive at the SFU. */
  readonly #intervalMs: number;
  #arrivedBefore = 0;

  private constructor(
    { members, packetsPerSecond }: TalkScenario,
    server: ServerProcess,
    joined: readonly JoinedParticipant[],
    speakers: readonly Participant[],
    pairs: readonly Pair[],
  ) {
    this.packetsPerSample = (packetsPerSecond * SAMPLE_MS) / 1_000;
    this.#server = server;
    this.#members = joined;
    this.#speakers = speakers;
    this.#pairs = pairs;
    this.#intervalMs = (1_000 * (members - 1)) / packetsPerSecond;
  }

  /** Starts the SFU with these environment variables, and lets everyone join. */
  static async start(scenario: TalkScenario, environment: NodeJS.ProcessEnv): Promise<TalkScene> {
    const server = await ServerProcess.start('./sfu-server.ts', environment);
    const joiner = new Joiner(server);
    const joined: JoinedParticipant[] = [];
    const speakers: Participant[] = [];
    const pairs: Pair[] = [];
    for (let call = 0; call < scenario.calls; call++) {
      const members: JoinedParticipant[] = [];
      for (let i = 0; i < scenario.members; i++) {
        const member = await joiner.join({ callID: `call-${call}`, voice: i < scenario.speakers });
        members.push(member);
        if (i < scenario.speakers) speakers.push(member.participant);
      }
      for (const { config } of members.slice(0, scenario.speakers)) {
        const from = config.sessionID;
        for (const { participant: to, config: other } of members) if (other !== config) pairs.push({ from, to });
      }
      joined.push(...members);
    }
    for (const { from, to } of pairs) await to.hears(from);
    const scene = new TalkScene(scenario, server, joined, speakers, pairs);
    await scene.#talk(); // warms the code up
    await scene.settle();
    scene.#arrivedBefore = scene.#arrived();
    return scene;
  }

  /** CPU of the SFU's process in the time of a sample, while no one speaks. */
  idleMicroseconds(): Promise<number> {
    return this.#cpuOf(() => sleep(SAMPLE_MS));
  }

  /** CPU of the SFU's process in the time of a sample, while the speakers speak. */
  talkMicroseconds(): Promise<number> {
    return this.#cpuOf(() => this.#talk());
  }

  /** Waits until the last packets have arrived. */
  async settle(): Promise<void> {
    await sleep(SETTLE_MS);
  }

  /** Packets of all samples that arrived. */
  arrivedPercent(samples: number): number {
    return (100 * (this.#arrived() - this.#arrivedBefore)) / (samples * this.packetsPerSample);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    for (const { participant } of this.#members) await participant.close();
  }

  /** One sample's packets, evenly spread: a sleep that was too long is made up for. */
  async #talk(): Promise<void> {
    const startMs = performance.now();
    for (let packet = 1; packet <= SAMPLE_MS / this.#intervalMs; packet++) {
      this.#speakers[packet % this.#speakers.length]!.sendVoice();
      const waitMs = startMs + packet * this.#intervalMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
    }
  }

  async #cpuOf(work: () => Promise<unknown>): Promise<number> {
    const before = await this.#server.cpuMicroseconds();
    await work();
    return (await this.#server.cpuMicroseconds()) - before;
  }

  #arrived(): number {
    return this.#pairs.reduce((sum, { from, to }) => sum + (to.received(from)?.packets ?? 0), 0);
  }
}
