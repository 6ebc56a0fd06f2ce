import type { DropCounts } from '../inspect/drops.ts';
import type { Clock } from '../ports.ts';
import { type RtcpVisitor, visitRtcp } from '../rtcp/compound.ts';
import type { ReportBlock, SenderInfo } from '../rtcp/report.ts';
import type { IncomingMedia } from './receive/incoming-media.ts';
import type { OutgoingTracks } from './send/outgoing-tracks.ts';

export interface RtcpRouterOptions {
  readonly clock: Clock;
  readonly drops: DropCounts;
}

/** Passes on the RTCP of a peer to the source or the track that it is about. */
export class RtcpRouter implements RtcpVisitor {
  readonly #incoming: IncomingMedia;
  readonly #outgoing: OutgoingTracks;
  readonly #options: RtcpRouterOptions;

  constructor(incoming: IncomingMedia, outgoing: OutgoingTracks, options: RtcpRouterOptions) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#options = options;
  }

  /** A decrypted compound packet of the peer. Malformed ones are dropped and counted. */
  receive(compound: Buffer, nowMs: number): void {
    if (!visitRtcp(compound, this, nowMs)) this.#options.drops.rtcp_malformed++;
  }

  onSenderReport(ssrc: number, info: SenderInfo, nowMs: number): void {
    this.#incoming.sources.find((source) => source.ssrc === ssrc)?.receiveSenderReport(info, nowMs);
  }

  onGoodbye(ssrc: number): void {
    this.#incoming.receiveGoodbye(ssrc);
  }

  onReportBlock(block: ReportBlock, nowMs: number): void {
    const track = this.#outgoing.bySsrc.get(block.ssrc);
    if (!track) return;
    track.receiveReport(block, this.#options.clock.unixMs());
    if (!track.video) return;
    this.#outgoing.bandwidth.receiveLoss(track.statistics.lossRatio, nowMs);
    this.#outgoing.allocate(nowMs);
  }

  onNack(mediaSsrc: number, sequenceNumber: number, nowMs: number): void {
    this.#outgoing.bySsrc.get(mediaSsrc)?.resend(sequenceNumber, nowMs);
  }

  onPictureLoss(mediaSsrc: number): void {
    this.#outgoing.bySsrc.get(mediaSsrc)?.requestKeyframe();
  }

  onTransportCc(packet: Buffer, nowMs: number): void {
    if (!this.#outgoing.bandwidth.receiveFeedback(packet, nowMs)) this.#options.drops.rtcp_malformed++;
    this.#outgoing.allocate(nowMs);
  }

  onReceiverEstimate(bitrateBps: number, nowMs: number): void {
    this.#outgoing.bandwidth.receiveRemb(bitrateBps, nowMs);
    this.#outgoing.allocate(nowMs);
  }

  onFullIntraRequest(mediaSsrc: number): void {
    this.#outgoing.bySsrc.get(mediaSsrc)?.requestKeyframe();
  }
}
