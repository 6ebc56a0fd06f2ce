import { newID } from '@rtcd/protocol';
import { Participant } from '../../interop/src/participant.ts';
import type { PeerProgram } from '../../interop/src/peer-program.ts';
import type { BrowserStack } from '../../interop/src/stack.ts';
import { chromium } from '../../interop/src/stacks/chromium.ts';
import type { Video } from '../../interop/src/videos.ts';
import { voices } from '../../interop/src/voices.ts';
import type { CallNetwork, Place } from './call-network.ts';
import { type Callers, type Continuity, DIRECT, type RunningCall } from './callers.ts';
import type { Host } from './host.ts';
import type { IceServer } from './ice-servers.ts';
import { reportedWay } from './seen-way.ts';
import { SilenceWatch } from './silence-watch.ts';

/** Sound that settles that someone is heard. */
const ENOUGH_MS = 1_000;
/** Pictures that settle that someone is seen. */
const ENOUGH_PICTURES = 10;
const CAMERA: Video = { width: 320, height: 180, frames: [], isNoise: true };
/** Longer than 30 s of consent and a few attempts. */
const LIMIT_MS = 60_000;

/** Two browsers, of which the one in the office is Chromium. They hear decoded sound. */
export class BrowserCallers implements Callers {
  readonly #network: CallNetwork;
  readonly #callerProgram: PeerProgram;
  readonly #colleagueProgram: PeerProgram;
  #participants: readonly [caller: Participant, colleague: Participant] | undefined;
  #watches: readonly SilenceWatch[] = [];

  private constructor(network: CallNetwork, caller: PeerProgram, colleague: PeerProgram) {
    this.#network = network;
    this.#callerProgram = caller;
    this.#colleagueProgram = colleague;
  }

  static async start(network: CallNetwork, host: Host, stack: BrowserStack): Promise<BrowserCallers> {
    const [caller, colleague] = await Promise.all([stack.start(host), chromium.start(network.desk)]);
    return new BrowserCallers(network, caller.program, colleague.program);
  }

  async call(_: Pick<Place, 'address' | 'publicAddress'>, { iceServers } = DIRECT): Promise<RunningCall> {
    const callID = newID();
    const caller = this.#participant(callID, this.#callerProgram, 'caller', iceServers);
    const colleague = this.#participant(callID, this.#colleagueProgram, 'colleague', []);
    this.#participants = [caller, colleague];
    await colleague.connect();
    await colleague.speak();
    const startMs = performance.now();
    await caller.connect();
    await caller.speak();
    this.#watches = [new SilenceWatch(caller, colleague), new SilenceWatch(colleague, caller)];
    await this.#untilHeard(1);
    const untilMediaMs = performance.now() - startMs;
    const end = () => {
      for (const watch of this.#watches) watch.close();
      caller.leave();
      colleague.leave();
    };
    return {
      sessionID: caller.sessionID,
      colleagueSessionID: colleague.sessionID,
      untilMediaMs,
      reportedWay: async () => reportedWay(await caller.selectedPair()),
      end,
    };
  }

  async untilBothHear(): Promise<Continuity> {
    await this.#untilHeard(ENOUGH_MS);
    return { silenceMs: Math.max(...this.#watches.map((watch) => watch.takeLongestMs())), lost: 0 };
  }

  async untilBothSee(): Promise<void> {
    const [caller, colleague] = this.#participants!;
    await Promise.all([caller.showCamera(), colleague.showCamera()]);
    await Promise.all([untilSees(caller, colleague), untilSees(colleague, caller)]);
  }

  /** Browsers notice by themselves, but applications restart ICE. */
  async moveTo(): Promise<void> {
    await this.#participants?.[0].restartIce(true);
  }

  async restartIce(): Promise<void> {
    await this.#participants?.[0].restartIce();
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    await Promise.all([this.#callerProgram.close(), this.#colleagueProgram.close()]);
  }

  #participant(
    callID: string,
    program: PeerProgram,
    name: 'caller' | 'colleague',
    iceServers: readonly IceServer[],
  ): Participant {
    const voice = voices[name === 'caller' ? 0 : 1]!;
    const { calls } = this.#network;
    return new Participant({ calls, callID, program, voice, video: CAMERA, name, dcSignaling: false, iceServers });
  }

  async #untilHeard(ms: number): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.untilHeard(ms, LIMIT_MS)));
  }
}

const untilSees = (viewer: Participant, sender: Participant) =>
  viewer.until(`sees ${sender.name}`, () => {
    const mid = viewer.midOf(sender, 'video');
    return mid !== undefined && viewer.seeing.anyPictures(mid) >= ENOUGH_PICTURES;
  });
