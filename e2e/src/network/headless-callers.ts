import { newID } from '@rtcd/protocol';
import { type CallNetwork, OFFICE_ADDRESS } from './call-network.ts';
import type { Callers, Continuity, RunningCall } from './callers.ts';
import { HeadlessParticipant } from './headless-participant.ts';
import type { Host } from './host.ts';

/** Packets of a second. */
const SECOND = 50;

/** Two headless participants. */
export class HeadlessCallers implements Callers {
  readonly colleague: HeadlessParticipant;
  readonly #network: CallNetwork;
  readonly #caller: HeadlessParticipant;

  private constructor(network: CallNetwork, caller: HeadlessParticipant, colleague: HeadlessParticipant) {
    this.#network = network;
    this.#caller = caller;
    this.colleague = colleague;
  }

  static async start(network: CallNetwork, host: Host): Promise<HeadlessCallers> {
    const { calls, desk } = network;
    const starting = [host, desk].map((each) => HeadlessParticipant.start(each, calls));
    const [caller, colleague] = (await Promise.all(starting)) as [HeadlessParticipant, HeadlessParticipant];
    return new HeadlessCallers(network, caller, colleague);
  }

  async call(address: string, isUdpBlocked = false): Promise<RunningCall> {
    const callID = newID();
    await this.colleague.join(callID, OFFICE_ADDRESS);
    const startMs = performance.now();
    await this.#caller.join(callID, address, isUdpBlocked);
    await this.untilBothHear(1);
    return {
      sessionID: this.#caller.sessionID,
      untilMediaMs: performance.now() - startMs,
      end: () => {
        this.#caller.leave();
        this.colleague.leave();
      },
    };
  }

  /** Resolves once both have heard so many packets of each other, a second's by default. */
  async untilBothHear(packets = SECOND): Promise<Continuity> {
    const heard = await Promise.all([
      this.#caller.untilHears(this.colleague.sessionID, packets),
      this.colleague.untilHears(this.#caller.sessionID, packets),
    ]);
    const silenceMs = Math.max(...heard.map(({ longestSilenceMs }) => longestSilenceMs));
    return { silenceMs, lost: heard.reduce((sum, { gaps }) => sum + gaps, 0) };
  }

  async moveTo(address: string): Promise<void> {
    this.#caller.moveTo(address);
  }

  async restartIce(): Promise<void> {
    this.#caller.restartIce();
    await this.#network.untilEvent(this.#caller.sessionID, 'ice restarted');
  }

  async close(): Promise<void> {
    this.#caller.close();
    this.colleague.close();
  }
}
