import type { NtpTimestamp } from '../rtp/ntp.ts';
import { countOf, MAX_COUNT, RTCP_HEADER_SIZE, RtcpType, writeRtcpHeader } from './packet.ts';

/** The sender's part of a sender report (RFC 3550 section 6.4.1). */
export interface SenderInfo {
  readonly ntp: NtpTimestamp;
  /** The RTP timestamp of the same moment. */
  readonly timestamp: number;
  /** Sent since the stream began, modulo 2^32. */
  readonly packets: number;
  /** Payload bytes, as above. */
  readonly octets: number;
}

/** Reception of one stream (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  /** SSRC of the stream. */
  readonly ssrc: number;
  /** Since the last report, in 1/256. */
  readonly fractionLost: number;
  /** Signed 24 bits: duplicates may make it negative. */
  readonly cumulativeLost: number;
  /** Sequence number, in the upper 16 bits how often it wrapped. */
  readonly extendedHighestSequence: number;
  readonly jitterTicks: number;
  /** Middle 32 bits of the NTP timestamp of the last sender report; 0 if there was none. */
  readonly lastSenderReport: number;
  /** In 1/65536 s. */
  readonly delaySinceLastSenderReport: number;
}

const SSRC_SIZE = 4;
const SENDER_INFO_SIZE = 20;
const BLOCK_SIZE = 24;

const SENDER_INFO_OFFSET = RTCP_HEADER_SIZE + SSRC_SIZE;

/** Writes a sender report at `offset` and returns its end. At most 31 blocks. */
export function writeSenderReport(
  out: Buffer,
  offset: number,
  ssrc: number,
  info: SenderInfo,
  blocks: readonly ReportBlock[] = [],
): number {
  const start = offset + SENDER_INFO_OFFSET;
  out.writeUInt32BE(ssrc, offset + RTCP_HEADER_SIZE);
  out.writeUInt32BE(info.ntp.seconds, start);
  out.writeUInt32BE(info.ntp.fraction, start + 4);
  out.writeUInt32BE(info.timestamp, start + 8);
  out.writeUInt32BE(info.packets, start + 12);
  out.writeUInt32BE(info.octets, start + 16);
  const end = writeBlocks(out, start + SENDER_INFO_SIZE, blocks);
  return writeRtcpHeader(out, offset, end, RtcpType.senderReport, blocks.length);
}

/** Writes a receiver report at `offset` and returns its end. At most 31 blocks. */
export function writeReceiverReport(out: Buffer, offset: number, ssrc: number, blocks: readonly ReportBlock[]): number {
  out.writeUInt32BE(ssrc, offset + RTCP_HEADER_SIZE);
  const end = writeBlocks(out, offset + RTCP_HEADER_SIZE + SSRC_SIZE, blocks);
  return writeRtcpHeader(out, offset, end, RtcpType.receiverReport, blocks.length);
}

function writeBlocks(out: Buffer, start: number, blocks: readonly ReportBlock[]): number {
  if (blocks.length > MAX_COUNT) throw new RangeError(`${blocks.length} report blocks: at most ${MAX_COUNT} fit`);
  let offset = start;
  for (const block of blocks) {
    out.writeUInt32BE(block.ssrc, offset);
    out[offset + 4] = block.fractionLost;
    out.writeIntBE(block.cumulativeLost, offset + 5, 3);
    out.writeUInt32BE(block.extendedHighestSequence, offset + 8);
    out.writeUInt32BE(block.jitterTicks, offset + 12);
    out.writeUInt32BE(block.lastSenderReport, offset + 16);
    out.writeUInt32BE(block.delaySinceLastSenderReport, offset + 20);
    offset += BLOCK_SIZE;
  }
  return offset;
}

/** Undefined if the packet is too short. */
export function parseSenderInfo(packet: Buffer): SenderInfo | undefined {
  if (packet.length < SENDER_INFO_OFFSET + SENDER_INFO_SIZE) return undefined;
  const start = SENDER_INFO_OFFSET;
  return {
    ntp: { seconds: packet.readUInt32BE(start), fraction: packet.readUInt32BE(start + 4) },
    timestamp: packet.readUInt32BE(start + 8),
    packets: packet.readUInt32BE(start + 12),
    octets: packet.readUInt32BE(start + 16),
  };
}

/** The blocks of a sender or receiver report, undefined if it is too short. What profiles put behind them is passed over. */
export function parseReportBlocks(packet: Buffer, hasSenderInfo: boolean): ReportBlock[] | undefined {
  const start = SENDER_INFO_OFFSET + (hasSenderInfo ? SENDER_INFO_SIZE : 0);
  const count = countOf(packet);
  if (packet.length < start + count * BLOCK_SIZE) return undefined;
  return Array.from({ length: count }, (_, index) => parseBlock(packet, start + index * BLOCK_SIZE));
}

function parseBlock(packet: Buffer, offset: number): ReportBlock {
  return {
    ssrc: packet.readUInt32BE(offset),
    fractionLost: packet[offset + 4]!,
    cumulativeLost: packet.readIntBE(offset + 5, 3),
    extendedHighestSequence: packet.readUInt32BE(offset + 8),
    jitterTicks: packet.readUInt32BE(offset + 12),
    lastSenderReport: packet.readUInt32BE(offset + 16),
    delaySinceLastSenderReport: packet.readUInt32BE(offset + 20),
  };
}
