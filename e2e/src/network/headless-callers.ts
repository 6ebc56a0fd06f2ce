import { newID } from '@rtcd/protocol';
import type { CallNetwork, Place } from './call-network.ts';
import { type Callers, type Continuity, DIRECT, type RunningCall } from './callers.ts';
import { HeadlessParticipant } from './headless-participant.ts';
import type { Host } from './host.ts';

/** Packets of a second. */
const SECOND = 50;
/** Frames of a second. */
const SECOND_OF_VIDEO = 20;

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

  async call(place: Pick<Place, 'address' | 'publicAddress'>, access = DIRECT): Promise<RunningCall> {
    const callID = newID();
    const { deskAddress } = this.#network;
    await this.colleague.join(callID, { address: deskAddress, publicAddress: deskAddress }, DIRECT);
    const startMs = performance.now();
    await this.#caller.join(callID, place, access);
    await this.untilBothHear(1);
    return {
      sessionID: this.#caller.sessionID,
      colleagueSessionID: this.colleague.sessionID,
      reportedWay: async () => undefined,
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

  async untilBothSee(): Promise<void> {
    this.#caller.showCamera();
    this.colleague.showCamera();
    await Promise.all([
      this.#caller.untilSees(this.colleague.sessionID, SECOND_OF_VIDEO),
      this.colleague.untilSees(this.#caller.sessionID, SECOND_OF_VIDEO),
    ]);
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
