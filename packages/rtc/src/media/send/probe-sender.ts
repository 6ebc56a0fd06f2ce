import type { Probe } from '../bandwidth/probe-controller.ts';

/** Headers of RTP, SRTP, UDP and IP. */
const OVERHEAD_BYTES = 60;

/** Sends one probe at a time: as much padding beside the media as its rate asks for, evenly spread. */
export class ProbeSender {
  #probe: Probe | undefined;
  #startMs = 0;
  #bits = 0;
  #packets = 0;

  /** Number of the probe that continues, 0 for none: all packets that are sent meanwhile belong to it. */
  get id(): number {
    return this.#probe?.id ?? 0;
  }

  start(probe: Probe, nowMs: number): void {
    this.#probe = probe;
    this.#startMs = nowMs;
    this.#bits = 0;
    this.#packets = 0;
  }

  stop(): void {
    this.#probe = undefined;
  }

  /** Takes note of a packet that is sent. */
  sent(payloadBytes: number): void {
    this.#bits += (payloadBytes + OVERHEAD_BYTES) * 8;
    this.#packets++;
  }

  /** Time when the rate of the probe asks for a packet. */
  deadline(): number {
    if (this.#probe === undefined) return Number.POSITIVE_INFINITY;
    return this.#startMs + (this.#bits * 1_000) / this.#probe.targetBps;
  }

  /** Sends the padding that is due. `sendPadding` sends one packet, which is reported to `sent`, or returns false if it cannot. */
  timeout(nowMs: number, sendPadding: () => boolean): void {
    for (let probe = this.#probe; probe && nowMs >= this.deadline(); probe = this.#probe) {
      const isOver = this.deadline() >= this.#startMs + probe.durationMs && this.#packets >= probe.packets;
      if (isOver || !sendPadding()) this.stop();
    }
  }
}
