import type { DropCounts } from '../../inspect/drops.ts';
import { BandwidthEstimator } from '../bandwidth/bandwidth-estimator.ts';
import { PacketPacer } from './packet-pacer.ts';
import { ProbeSender } from './probe-sender.ts';

export interface DeparturesOptions {
  readonly drops: DropCounts;
  /** `deadline` has come closer. */
  onDeadline(): void;
}

/** A video in whose retransmission stream padding can be sent. */
export interface PaddedVideo {
  /** Sends a packet of nothing but padding. Returns false if it cannot. */
  sendPadding(nowMs: number): boolean;
}

/** All video on its way to one receiver: estimates what the way carries, numbers packets as they leave, spreads bursts, and sends probes. */
export class Departures {
  readonly bandwidth = new BandwidthEstimator();
  readonly pacer: PacketPacer;
  readonly #options: DeparturesOptions;
  readonly #probes = new ProbeSender();

  constructor(options: DeparturesOptions) {
    this.#options = options;
    this.pacer = new PacketPacer({ ...options, bandwidth: this.bandwidth });
  }

  /** Returns the transport-wide sequence number of a packet that leaves now. */
  number(payloadBytes: number, nowMs: number): number {
    const probe = this.#probes.id;
    if (probe !== 0) this.#probes.sent(payloadBytes);
    return this.bandwidth.sent(payloadBytes, nowMs, probe);
  }

  /** Probes for this rate, in bits per second, if it is time for that. */
  probe(wantedBps: number, nowMs: number): void {
    const probe = this.bandwidth.nextProbe(wantedBps, nowMs);
    if (!probe) return;
    this.#probes.start(probe, nowMs);
    this.#options.onDeadline();
  }

  deadline(): number {
    return Math.min(this.pacer.deadline(), this.#probes.deadline());
  }

  /** Lets packets leave that are due, and padding in the stream of `padded`. */
  timeout(nowMs: number, padded: () => PaddedVideo | undefined): void {
    this.pacer.timeout(nowMs);
    this.#probes.timeout(nowMs, () => padded()?.sendPadding(nowMs) === true);
  }
}
