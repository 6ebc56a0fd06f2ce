import type { SessionDescription } from '@rtcd/protocol';
import type { SessionEventName } from '../inspect/event-log.ts';
import type { Logger, RtcMetrics } from '../ports.ts';
import { PeerAllowance } from './allowance.ts';

export interface MessageAdmissionOptions {
  readonly groupID: string;
  readonly logger: Logger;
  readonly metrics: Pick<RtcMetrics, 'error'>;
  readonly record: (event: SessionEventName, detail?: string) => void;
}

/** Admission of one peer's messages, and their cost: the same on all ways. Over the limit they are counted and logged. */
export class MessageAdmission {
  readonly #options: MessageAdmissionOptions;
  readonly #allowance: PeerAllowance;

  constructor(options: MessageAdmissionOptions, nowMs: number) {
    this.#options = options;
    this.#allowance = new PeerAllowance(nowMs);
  }

  /** Returns whether to read another message. */
  admit(nowMs: number): boolean {
    const admission = this.#allowance.admit(nowMs);
    if (admission === 'exhausted') {
      this.#options.record('messages over the limit');
      this.#options.logger.warn({}, 'peer messages ignored: too many');
    }
    return admission === 'admitted';
  }

  /** A message of the data channel was read. */
  chargeMessage(sizeBytes: number): void {
    this.#allowance.chargeMessage(sizeBytes);
  }

  /** A description was read. Answers that complete an offer of ours are free. */
  chargeDescription({ type, sdp }: SessionDescription, isTaken: boolean): void {
    if (type === 'offer') this.#allowance.chargeDescription(sdp.length, isTaken);
    else if (!isTaken) this.#allowance.chargeDescription(sdp.length, false);
  }

  /** A message was refused. */
  refuse(reason: string): void {
    this.#options.record('message refused', reason);
    this.#allowance.chargeRefusal();
    this.#options.metrics.error(this.#options.groupID, 'signaling');
  }
}
