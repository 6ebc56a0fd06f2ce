import type { PacketPlane } from '@rtcd/packet-io';
import type { SessionConfig } from '@rtcd/protocol';
import type { Clock, Random } from '../ports.ts';
import { MAX_COUNT } from '../rtcp/packet.ts';
import { writeReceiverReport, writeSenderReport } from '../rtcp/report.ts';
import { writeSourceDescription } from '../rtcp/source.ts';
import type { IncomingMedia } from './receive/incoming-media.ts';
import type { OutgoingTrack } from './send/outgoing-track.ts';

export interface RtcpReportsOptions {
  readonly config: SessionConfig;
  readonly io: Pick<PacketPlane, 'sendRtcp'>;
  readonly random: Random;
  /** Ours, in reports about streams of the peer. */
  readonly ssrc: number;
  readonly clock: Clock;
}

// RFC 3550 section 6.2 asks for 5 s at the bandwidths of its time, and allows less with more (RFC 4585, trr-int 0).
const INTERVAL_MS = 1_000;
/** Bytes of one compound packet: the path MTU less IP, UDP and SRTCP. */
const MAX_COMPOUND_BYTES = 1_200;
/** A sender report of 28 and a source description of 12 with a CNAME, which is a session id: 128 at most. */
const MAX_SOURCE_BYTES = 28 + 12 + 128;
const SOURCES_PER_COMPOUND = Math.floor(MAX_COMPOUND_BYTES / MAX_SOURCE_BYTES);

/** Tells the peer how its streams arrive and how ours stand (RFC 3550 section 6). */
export class RtcpReports {
  readonly #incoming: IncomingMedia;
  readonly #outgoing: ReadonlyMap<number, OutgoingTrack>;
  readonly #options: RtcpReportsOptions;
  readonly #ssrc: number;
  #slot: number | undefined;
  #nextMs = Number.POSITIVE_INFINITY;

  constructor(incoming: IncomingMedia, outgoing: ReadonlyMap<number, OutgoingTrack>, options: RtcpReportsOptions) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#options = options;
    this.#ssrc = options.ssrc;
  }

  start(slot: number, nowMs: number): void {
    this.#slot = slot;
    this.#schedule(nowMs);
  }

  stop(): void {
    this.#slot = undefined;
    this.#nextMs = Number.POSITIVE_INFINITY;
  }

  deadline(): number {
    return this.#nextMs;
  }

  /** Returns whether reports were due. */
  timeout(nowMs: number): boolean {
    if (nowMs < this.#nextMs || this.#slot === undefined) return false;
    this.#schedule(nowMs);
    this.#sendReceiverReports(this.#slot, nowMs);
    this.#sendSenderReports(this.#slot, nowMs);
    return true;
  }

  /** Spread over half to one and a half intervals (RFC 3550 section 6.2), so that sessions do not all report at once. */
  #schedule(nowMs: number): void {
    const [byte] = this.#options.random(1);
    this.#nextMs = nowMs + INTERVAL_MS * (0.5 + byte! / 256);
  }

  #sendReceiverReports(slot: number, nowMs: number): void {
    const blocks = this.#incoming.reported.map(({ ssrc, statistics }) => statistics.report(ssrc, nowMs));
    for (let index = 0; index < blocks.length; index += MAX_COUNT) {
      const end = writeReceiverReport(scratch, 0, this.#ssrc, blocks.slice(index, index + MAX_COUNT));
      this.#send(slot, writeSourceDescription(scratch, end, this.#ssrc, 'rtcd'));
    }
  }

  #sendSenderReports(slot: number, nowMs: number): void {
    const active = [...this.#outgoing.values().filter(({ statistics }) => statistics.takeNews())];
    const unixMs = this.#options.clock.unixMs();
    for (let index = 0; index < active.length; index += SOURCES_PER_COMPOUND) {
      const tracks = active.slice(index, index + SOURCES_PER_COMPOUND);
      let end = 0;
      for (const track of tracks) end = writeSenderReport(scratch, end, track.ssrc, track.senderInfo(nowMs, unixMs));
      for (const { ssrc, source } of tracks) end = writeSourceDescription(scratch, end, ssrc, source.senderID);
      this.#send(slot, end);
    }
  }

  #send(slot: number, length: number): void {
    this.#options.io.sendRtcp(slot, scratch.subarray(0, length));
  }
}

/** Reports are written and sent within one turn, so that one buffer serves all sessions. */
const scratch = Buffer.alloc(2 * MAX_COMPOUND_BYTES);
