import { visitFullIntraRequest, visitNack } from './feedback.ts';
import {
  countOf,
  FCI_OFFSET,
  MEDIA_SSRC_OFFSET,
  PayloadFeedbackFormat,
  packetAt,
  RTCP_HEADER_SIZE,
  RtcpType,
  sizeAt,
  TransportFeedbackFormat,
  typeOf,
} from './packet.ts';
import { isRemb, rembBitrateOf } from './remb.ts';
import { parseReportBlocks, parseSenderInfo, type ReportBlock, type SenderInfo } from './report.ts';
import { visitGoodbye, visitSourceDescription } from './source.ts';

/** Callbacks for the RTCP that a peer sends. The last argument of each is the time of arrival. */
export interface RtcpVisitor {
  onSenderReport?(ssrc: number, info: SenderInfo, nowMs: number): void;
  /** A report block of a sender or receiver report. */
  onReportBlock?(block: ReportBlock, nowMs: number): void;
  onCname?(ssrc: number, cname: string, nowMs: number): void;
  onGoodbye?(ssrc: number, nowMs: number): void;
  /** Once for each packet that the peer misses. */
  onNack?(mediaSsrc: number, sequenceNumber: number, nowMs: number): void;
  onPictureLoss?(mediaSsrc: number, nowMs: number): void;
  onFullIntraRequest?(mediaSsrc: number, commandNumber: number, nowMs: number): void;
  onReceiverEstimate?(bitrateBps: number, nowMs: number): void;
  /** A packet for `visitTransportCc`, borrowed until return. */
  onTransportCc?(packet: Buffer, nowMs: number): void;
}

/**
 * Reads the packets of a decrypted compound packet in order (RFC 3550 section 6.1). False if one is malformed: nothing is
 * reported if their lengths do not add up; else a malformed one is passed over, as are those of types that we do not know.
 */
export function visitRtcp(compound: Buffer, visitor: RtcpVisitor, nowMs: number): boolean {
  if (!isCompound(compound)) return false;
  let wellFormed = true;
  for (let offset = 0; offset < compound.length; ) {
    const size = sizeAt(compound, offset);
    wellFormed = visitPacket(packetAt(compound, offset, size), visitor, nowMs) && wellFormed;
    offset += size;
  }
  return wellFormed;
}

function isCompound(compound: Buffer): boolean {
  let offset = 0;
  while (offset < compound.length) {
    const size = sizeAt(compound, offset);
    if (size < 0) return false;
    offset += size;
  }
  return offset > 0;
}

function visitPacket(packet: Buffer, visitor: RtcpVisitor, nowMs: number): boolean {
  switch (typeOf(packet)) {
    case RtcpType.senderReport:
      return visitReport(packet, true, visitor, nowMs);
    case RtcpType.receiverReport:
      return visitReport(packet, false, visitor, nowMs);
    case RtcpType.sourceDescription:
      return visitSourceDescription(packet, (ssrc, cname) => visitor.onCname?.(ssrc, cname, nowMs));
    case RtcpType.goodbye:
      return visitGoodbye(packet, (ssrc) => visitor.onGoodbye?.(ssrc, nowMs));
    case RtcpType.transportFeedback:
      return visitTransportFeedback(packet, visitor, nowMs);
    case RtcpType.payloadFeedback:
      return visitPayloadFeedback(packet, visitor, nowMs);
    default:
      return true;
  }
}

function visitReport(packet: Buffer, isSenderReport: boolean, visitor: RtcpVisitor, nowMs: number): boolean {
  const blocks = parseReportBlocks(packet, isSenderReport);
  if (blocks === undefined) return false;
  const info = isSenderReport ? parseSenderInfo(packet) : undefined;
  if (info !== undefined) visitor.onSenderReport?.(packet.readUInt32BE(RTCP_HEADER_SIZE), info, nowMs);
  for (const block of blocks) visitor.onReportBlock?.(block, nowMs);
  return true;
}

function visitTransportFeedback(packet: Buffer, visitor: RtcpVisitor, nowMs: number): boolean {
  switch (countOf(packet)) {
    case TransportFeedbackFormat.nack:
      return visitNack(packet, (mediaSsrc, sequenceNumber) => visitor.onNack?.(mediaSsrc, sequenceNumber, nowMs));
    case TransportFeedbackFormat.transportCc:
      visitor.onTransportCc?.(packet, nowMs);
      return true;
    default:
      return true;
  }
}

function visitPayloadFeedback(packet: Buffer, visitor: RtcpVisitor, nowMs: number): boolean {
  if (packet.length < FCI_OFFSET) return false;
  switch (countOf(packet)) {
    case PayloadFeedbackFormat.pictureLoss:
      visitor.onPictureLoss?.(packet.readUInt32BE(MEDIA_SSRC_OFFSET), nowMs);
      return true;
    case PayloadFeedbackFormat.fullIntraRequest:
      return visitFullIntraRequest(packet, (ssrc, command) => visitor.onFullIntraRequest?.(ssrc, command, nowMs));
    case PayloadFeedbackFormat.application: {
      if (!isRemb(packet)) return true;
      const bitrateBps = rembBitrateOf(packet);
      if (bitrateBps >= 0) visitor.onReceiverEstimate?.(bitrateBps, nowMs);
      return bitrateBps >= 0;
    }
    default:
      return true;
  }
}
