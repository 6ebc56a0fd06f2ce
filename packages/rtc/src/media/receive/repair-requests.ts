import { MAX_NACK_NUMBERS, writeFullIntraRequest, writeNack, writePictureLoss } from '../../rtcp/feedback.ts';
import { KeyframeRequester } from './keyframe-requester.ts';
import { NackGenerator } from './nack-generator.ts';

/** Feedback that the peer has negotiated for a section (RFC 4585 section 4.2, RFC 5104 section 7.1). */
export interface NegotiatedFeedback {
  /** `nack` */
  readonly nack: boolean;
  /** `nack pli` */
  readonly pictureLoss: boolean;
  /** `ccm fir` */
  readonly fullIntra: boolean;
}

/** Bytes that `write` takes at most: a request for a key frame, and a NACK of as many numbers as one may have. */
export const MAX_REPAIR_REQUEST_BYTES = 20 + 12 + 4 * MAX_NACK_NUMBERS;

/** Asks the sender of one source for what is missing: lost packets, and key frames. */
export class RepairRequests {
  readonly #nacks = new NackGenerator();
  readonly #keyframes = new KeyframeRequester();
  #feedback: NegotiatedFeedback;
  #firCommandNumber = 0;
  #due: number[] = [];

  constructor(feedback: NegotiatedFeedback) {
    this.#feedback = feedback;
  }

  adopt(feedback: NegotiatedFeedback): void {
    this.#feedback = feedback;
  }

  /** Requests for a key frame that were sent so far. */
  get keyframeRequests(): number {
    return this.#keyframes.sent;
  }

  /** Asks for a key frame; see `KeyframeRequester.request`. */
  requestKeyframe(): void {
    this.#keyframes.request();
  }

  /** Stops asking for a key frame. */
  cancelKeyframeRequest(): void {
    this.#keyframes.cancel();
  }

  /** Asks for a key frame if the source does not send one by itself; see `KeyframeRequester.expect`. */
  expectKeyframe(nowMs: number): void {
    this.#keyframes.expect(nowMs);
  }

  /** Takes note of an arrival, of padding too, under the index that the packet has in the media stream. */
  received(index: number, nowMs: number): void {
    if (!this.#feedback.nack) return;
    if (!this.#nacks.received(index, nowMs)) this.#keyframes.request();
  }

  /** Takes note of a packet of a frame, which must not have arrived before. `number` counts packets with a payload only. */
  receivedPayload(number: number, timestamp: number, marker: boolean, startsKeyframe: boolean): void {
    this.#keyframes.received(number, timestamp, marker, startsKeyframe);
  }

  /** Time when `write` next has something to write. */
  deadline(): number {
    return this.#due.length > 0 ? 0 : Math.min(this.#nacks.deadline(), this.#keyframes.deadline());
  }

  /** Writes RTCP packets with what is to be asked for now, and returns where they end. More may be due after that. */
  write(out: Buffer, offset: number, { senderSsrc, mediaSsrc, nowMs, roundTripMs }: RepairRequestContext): number {
    let end = offset;
    if (this.#keyframes.takeDue(nowMs)) end = this.#writeKeyframeRequest(out, end, senderSsrc, mediaSsrc);
    if (this.#due.length === 0) this.#due = this.#nacks.takeDue(nowMs, roundTripMs);
    if (this.#due.length === 0) return end;
    return writeNack(out, end, senderSsrc, mediaSsrc, this.#due.splice(0, MAX_NACK_NUMBERS));
  }

  /** PLI, which every browser understands, unless the peer negotiated FIR alone. A FIR with the number of the last one asks for nothing new. */
  #writeKeyframeRequest(out: Buffer, offset: number, senderSsrc: number, mediaSsrc: number): number {
    if (this.#feedback.pictureLoss || !this.#feedback.fullIntra) {
      return writePictureLoss(out, offset, senderSsrc, mediaSsrc);
    }
    this.#firCommandNumber = (this.#firCommandNumber + 1) & 0xff;
    return writeFullIntraRequest(out, offset, senderSsrc, mediaSsrc, this.#firCommandNumber);
  }
}

/** Under which SSRCs and when a request is written. */
export interface RepairRequestContext {
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
  readonly nowMs: number;
  /** Undefined until it is known. */
  readonly roundTripMs: number | undefined;
}
