import { ntpMiddle32, ntpTimestamp, roundTripTimeMs } from '../rtp/ntp.ts';
import type { ReportBlock, SenderInfo } from './report.ts';

/** Sender report values of one outgoing stream, and what its receiver reports back (RFC 3550 section 6.4). */
export class SendStatistics {
  /** Fraction of our packets that the peer lost lately, 0 to 1. */
  lossRatio = 0;
  /** Undefined until the peer has answered a sender report. */
  roundTripMs: number | undefined;
  jitterMs = 0;

  readonly #clockRate: number;
  #packets = 0;
  #octets = 0;
  #resentPackets = 0;
  #reportedPackets = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  get packets(): number {
    return this.#packets;
  }

  /** Payload bytes, without headers and padding. */
  get octets(): number {
    return this.#octets;
  }

  /** Packets among these that went out again. */
  get resentPackets(): number {
    return this.#resentPackets;
  }

  /** A packet went out. */
  sent(payloadBytes: number): void {
    this.#packets++;
    this.#octets += payloadBytes;
  }

  /** Reports whether anything was sent since this was asked last. */
  takeNews(): boolean {
    const hasNews = this.#packets !== this.#reportedPackets;
    this.#reportedPackets = this.#packets;
    return hasNews;
  }

  /** A packet went out again, in whatever stream: it counts among those of this one, as in libwebrtc. */
  resent(payloadBytes: number): void {
    this.sent(payloadBytes);
    this.#resentPackets++;
  }

  /** The stream's state now. `timestamp` is the one that a packet would have which was sampled at this moment. */
  senderInfo(timestamp: number, unixMs: number): SenderInfo {
    return {
      ntp: ntpTimestamp(unixMs),
      timestamp,
      packets: this.#packets >>> 0,
      octets: this.#octets >>> 0,
    };
  }

  /** A report block about this stream arrived. `unixMs` is on the clock of `senderInfo`. Returns the round-trip time, if it is known. */
  receiveReport(block: ReportBlock, unixMs: number): number | undefined {
    this.lossRatio = block.fractionLost / 256;
    this.jitterMs = (block.jitterTicks * 1000) / this.#clockRate;
    const nowMiddle32 = ntpMiddle32(ntpTimestamp(unixMs));
    const { lastSenderReport, delaySinceLastSenderReport } = block;
    const roundTripMs = roundTripTimeMs(nowMiddle32, lastSenderReport, delaySinceLastSenderReport);
    this.roundTripMs = roundTripMs ?? this.roundTripMs;
    return roundTripMs;
  }
}
