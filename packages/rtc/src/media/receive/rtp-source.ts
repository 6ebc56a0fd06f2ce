import type { SourcePacket, SourceVideo } from '../../call/published-track.ts';
import { ReceiveStatistics } from '../../rtcp/receive-statistics.ts';
import type { SenderInfo } from '../../rtcp/report.ts';
import { type SenderClock, SourceClock } from '../../rtcp/sender-clock.ts';
import { ntpMiddle32 } from '../../rtp/ntp.ts';
import { PayloadNumbering } from '../../rtp/payload-numbering.ts';

export interface RtpSourceOptions {
  readonly ssrc: number;
  readonly clockRate: number;
  readonly senderClock: SenderClock;
  readonly video?: SourceVideo;
}

/** A synchronization source of the peer, as receiver reports describe it. */
export interface ReportedSource {
  readonly ssrc: number;
  readonly statistics: ReceiveStatistics;
}

/** One synchronization source of the peer: how its packets arrive, and the numbers under which they are forwarded. */
export class RtpSource implements ReportedSource {
  readonly ssrc: number;
  readonly statistics: ReceiveStatistics;
  readonly numbering = new PayloadNumbering();
  /** Filled in again for each packet. */
  readonly packet: SourcePacket;

  constructor({ ssrc, clockRate, senderClock, video }: RtpSourceOptions) {
    this.ssrc = ssrc;
    this.statistics = new ReceiveStatistics(clockRate);
    this.packet = {
      marker: false,
      number: 0,
      timestamp: 0,
      audioLevel: -1,
      payloadType: 0,
      redundantBytes: 0,
      payloadLength: 0,
      arrivedMs: 0,
      clock: new SourceClock(senderClock, clockRate),
      video,
    };
  }

  receiveSenderReport(info: SenderInfo, nowMs: number): void {
    this.statistics.receiveSenderReport(ntpMiddle32(info.ntp), nowMs);
    this.packet.clock.receive(info, nowMs);
  }
}
