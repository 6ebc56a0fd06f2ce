import { newID } from '@rtcd/protocol';
import { Participant } from '../../interop/src/participant.ts';
import type { PeerProgram } from '../../interop/src/peer-program.ts';
import type { BrowserStack } from '../../interop/src/stack.ts';
import { chromium } from '../../interop/src/stacks/chromium.ts';
import { videos } from '../../interop/src/videos.ts';
import { voices } from '../../interop/src/voices.ts';
import type { CallNetwork } from './call-network.ts';
import type { Callers, Continuity, RunningCall } from './callers.ts';
import type { Host } from './host.ts';
import { SilenceWatch } from './silence-watch.ts';

/** Sound that settles that someone is heard. */
const ENOUGH_MS = 1_000;
/** Longer than 30 s of consent and a few attempts. */
const LIMIT_MS = 60_000;

/** Two browsers, of which the one in the office is Chromium. They hear decoded sound. */
export class BrowserCallers implements Callers {
  readonly #network: CallNetwork;
  readonly #callerProgram: PeerProgram;
  readonly #colleagueProgram: PeerProgram;
  #caller: Participant | undefined;
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

  async call(): Promise<RunningCall> {
    const callID = newID();
    const caller = this.#participant(callID, this.#callerProgram, 'caller');
    const colleague = this.#participant(callID, this.#colleagueProgram, 'colleague');
    this.#caller = caller;
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
    return { sessionID: caller.sessionID, untilMediaMs, end };
  }

  async untilBothHear(): Promise<Continuity> {
    await this.#untilHeard(ENOUGH_MS);
    return { silenceMs: Math.max(...this.#watches.map((watch) => watch.takeLongestMs())), lost: 0 };
  }

  /** Browsers notice by themselves, but applications restart ICE. */
  async moveTo(): Promise<void> {
    await this.#caller?.restartIce(true);
  }

  async restartIce(): Promise<void> {
    await this.#caller?.restartIce();
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    await Promise.all([this.#callerProgram.close(), this.#colleagueProgram.close()]);
  }

  #participant(callID: string, program: PeerProgram, name: 'caller' | 'colleague'): Participant {
    const index = name === 'caller' ? 0 : 1;
    const [voice, video] = [voices[index]!, videos[index]!];
    return new Participant({ calls: this.#network.calls, callID, program, voice, video, name, dcSignaling: false });
  }

  async #untilHeard(ms: number): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.untilHeard(ms, LIMIT_MS)));
  }
}
