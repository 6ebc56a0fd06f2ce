import type { SessionDescription } from '@rtcd/protocol';
import type { SessionJournal } from '../inspect/session-journal.ts';
import { PeerAllowance } from './allowance.ts';

/** Admission of one peer's messages, and their cost: the same on all ways. Over the limit they are counted and logged. */
export class MessageAdmission {
  readonly #journal: SessionJournal;
  readonly #allowance: PeerAllowance;

  constructor(journal: SessionJournal, nowMs: number) {
    this.#journal = journal;
    this.#allowance = new PeerAllowance(nowMs);
  }

  /** Returns whether to read another message. */
  admit(nowMs: number): boolean {
    const admission = this.#allowance.admit(nowMs);
    if (admission === 'exhausted') {
      this.#journal.record('message limit exceeded', nowMs);
      this.#journal.logger.warn({}, 'peer messages ignored: too many');
    }
    return admission === 'admitted';
  }

  /** A message of the data channel was read. */
  chargeMessage(sizeBytes: number): void {
    this.#allowance.chargeMessage(sizeBytes);
  }

  /** A description is about to be read, of this size as JSON. */
  chargeDescription(sizeBytes: number): void {
    this.#allowance.chargeDescription(sizeBytes);
  }

  /** A description was applied. */
  descriptionTaken({ type, sdp }: SessionDescription): void {
    if (type === 'offer') this.#allowance.chargeOffer();
    else this.#allowance.refundAnswer(sdp.length);
  }

  /** A message was refused. */
  refuse(reason: string, nowMs: number): void {
    this.#journal.record('message refused', nowMs, reason);
    this.#allowance.chargeRefusal();
    this.#journal.countError('signaling');
  }
}
