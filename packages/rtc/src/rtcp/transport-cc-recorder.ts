import { SequenceUnwrapper } from '../rtp/sequence.ts';
import {
  maxTransportCcSize,
  referenceTicks,
  statusOf,
  TICKS_PER_MS,
  type TransportCcFeedback,
  writeTransportCc,
} from './transport-cc.ts';
import { Status } from './transport-cc-chunks.ts';

/** Packets remembered. Two seconds of 5 Mbit/s, where feedback goes out every 100 ms or so. */
const CAPACITY = 1024;
const SLOT_MASK = CAPACITY - 1;

/** A feedback packet covers at most this much, so that it fits a datagram with SRTCP, UDP and IPv6 around it. */
const MAX_FEEDBACK_SIZE = 1_100;

/** Scratch of `write`, which runs to its end: one for all recorders. */
const scratch = { statuses: new Uint8Array(CAPACITY), deltas: new Int16Array(CAPACITY) };

/**
 * Remembers when a peer's packets arrived, by their transport-wide sequence numbers, and reports to the peer, whose congestion
 * control lives on it. A packet that comes after its number was reported as missing makes the report reach back to it.
 */
export class TransportCcRecorder {
  readonly #unwrapper = new SequenceUnwrapper();
  /** By the number's last bits: in 250 us, 32 bits that wrap. */
  readonly #arrivalTicks = new Int32Array(CAPACITY);
  readonly #received = new Uint8Array(CAPACITY);
  /** First number to report. */
  #start = 0;
  /** After the highest number received; equal to `#start` when there is nothing to report. */
  #end = 0;
  #feedbackCount = 0;

  record(sequenceNumber: number, nowMs: number): void {
    const index = this.#unwrapper.unwrap(sequenceNumber);
    if (this.#end === 0) this.#start = this.#end = index;
    if (index >= this.#end) this.#extendTo(index);
    else if (index < this.#end - CAPACITY || this.#received[index & SLOT_MASK] === 1) return;
    else if (index < this.#start) this.#start = index;

    this.#received[index & SLOT_MASK] = 1;
    this.#arrivalTicks[index & SLOT_MASK] = Math.floor(nowMs * TICKS_PER_MS) | 0;
  }

  /**
   * Writes one feedback packet at `offset` and returns its end; `offset` itself if there is nothing more to report, or no
   * room. To be called until then: what does not fit one packet goes into the next.
   */
  write(out: Buffer, offset: number, senderSsrc: number, mediaSsrc: number): number {
    if (this.#start === this.#end) return offset;
    const feedback: TransportCcFeedback = {
      senderSsrc,
      mediaSsrc,
      feedbackCount: this.#feedbackCount,
      baseSequence: this.#start & 0xffff,
      statusCount: 0,
      referenceTicks: 0,
      ...scratch,
    };
    this.#fill(feedback, Math.min(MAX_FEEDBACK_SIZE, out.length - offset));
    if (feedback.statusCount === 0) return offset;
    this.#feedbackCount = (this.#feedbackCount + 1) & 0xff;
    this.#start += feedback.statusCount;
    return writeTransportCc(out, offset, feedback);
  }

  #extendTo(index: number): void {
    if (index - this.#end >= CAPACITY) this.#received.fill(0);
    else for (let skipped = this.#end; skipped < index; skipped++) this.#received[skipped & SLOT_MASK] = 0;
    this.#end = index + 1;
    this.#start = Math.max(this.#start, this.#end - CAPACITY);
  }

  /** Takes statuses in as far as they fit, up to one that no delta reaches. */
  #fill(feedback: TransportCcFeedback, maxSize: number): void {
    let lastTicks: number | undefined;
    let deltasSize = 0;
    for (let index = this.#start; index < this.#end; index++) {
      const place = feedback.statusCount;
      let status: number = Status.notReceived;
      if (this.#received[index & SLOT_MASK] === 1) {
        const ticks = this.#arrivalTicks[index & SLOT_MASK]!;
        if (lastTicks === undefined) lastTicks = feedback.referenceTicks = referenceTicks(ticks);
        const delta = (ticks - lastTicks) | 0;
        const withDelta = statusOf(delta);
        if (withDelta === undefined) return;
        status = withDelta;
        feedback.deltas[place] = delta;
        lastTicks = ticks;
      }
      deltasSize += status;
      if (maxTransportCcSize(place + 1, deltasSize) > maxSize) return;
      feedback.statuses[place] = status;
      feedback.statusCount++;
    }
  }
}
