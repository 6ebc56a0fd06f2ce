import { sequenceDelta } from '../rtp/sequence.ts';
import {
  FCI_OFFSET,
  MEDIA_SSRC_OFFSET,
  PayloadFeedbackFormat,
  RtcpType,
  SENDER_SSRC_OFFSET,
  TransportFeedbackFormat,
  writeRtcpHeader,
} from './packet.ts';

const NACK_ENTRY_SIZE = 4;
/** Sequence numbers in one NACK that we write, each of which takes an entry at worst: a packet of 1,012 bytes. */
export const MAX_NACK_NUMBERS = 250;
/** Bit i of a NACK's mask is the packet i + 1 after the one that is named. */
const NACK_MASK_BITS = 16;
const FIR_ENTRY_SIZE = 8;

/** Writes the two SSRCs that each feedback packet begins with. Returns where its control information begins. */
export function writeFeedbackSsrcs(out: Buffer, offset: number, senderSsrc: number, mediaSsrc: number): number {
  out.writeUInt32BE(senderSsrc, offset + SENDER_SSRC_OFFSET);
  out.writeUInt32BE(mediaSsrc, offset + MEDIA_SSRC_OFFSET);
  return offset + FCI_OFFSET;
}

/** Asks for packets again (RFC 4585 section 6.2.1). At least one sequence number, oldest first, and at most `MAX_NACK_NUMBERS`. */
export function writeNack(
  out: Buffer,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  sequenceNumbers: readonly number[],
): number {
  let end = writeFeedbackSsrcs(out, offset, senderSsrc, mediaSsrc);
  for (let index = 0; index < sequenceNumbers.length; ) {
    const named = sequenceNumbers[index++]!;
    let mask = 0;
    for (; index < sequenceNumbers.length; index++) {
      const distance = sequenceDelta(sequenceNumbers[index]!, named);
      if (distance < 1 || distance > NACK_MASK_BITS) break;
      mask |= 1 << (distance - 1);
    }
    end = out.writeUInt16BE(named, end);
    end = out.writeUInt16BE(mask, end);
  }
  return writeRtcpHeader(out, offset, end, RtcpType.transportFeedback, TransportFeedbackFormat.nack);
}

/** Calls back for each packet that is asked for, false if the packet is malformed. */
export function visitNack(packet: Buffer, visit: (mediaSsrc: number, sequenceNumber: number) => void): boolean {
  const entriesSize = packet.length - FCI_OFFSET;
  if (entriesSize <= 0 || entriesSize % NACK_ENTRY_SIZE !== 0) return false;
  const mediaSsrc = packet.readUInt32BE(MEDIA_SSRC_OFFSET);
  for (let offset = FCI_OFFSET; offset < packet.length; offset += NACK_ENTRY_SIZE) {
    const named = packet.readUInt16BE(offset);
    visit(mediaSsrc, named);
    for (let mask = packet.readUInt16BE(offset + 2), next = named + 1; mask !== 0; mask >>= 1, next++) {
      if ((mask & 1) !== 0) visit(mediaSsrc, next & 0xffff);
    }
  }
  return true;
}

/** Asks for a key frame (RFC 4585 section 6.3.1). */
export function writePictureLoss(out: Buffer, offset: number, senderSsrc: number, mediaSsrc: number): number {
  const end = writeFeedbackSsrcs(out, offset, senderSsrc, mediaSsrc);
  return writeRtcpHeader(out, offset, end, RtcpType.payloadFeedback, PayloadFeedbackFormat.pictureLoss);
}

/** Demands a key frame (RFC 5104 section 4.3.1). A repeated request keeps its command number, a new one has the next of 8 bits. */
export function writeFullIntraRequest(
  out: Buffer,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  commandNumber: number,
): number {
  // The source is named in the entry; the packet's own field is unused.
  const entry = writeFeedbackSsrcs(out, offset, senderSsrc, 0);
  out.writeUInt32BE(mediaSsrc, entry);
  out.writeUInt32BE((commandNumber << 24) >>> 0, entry + 4);
  const end = entry + FIR_ENTRY_SIZE;
  return writeRtcpHeader(out, offset, end, RtcpType.payloadFeedback, PayloadFeedbackFormat.fullIntraRequest);
}

/** Calls back for each source of which a key frame is demanded, false if the packet is malformed. */
export function visitFullIntraRequest(
  packet: Buffer,
  visit: (mediaSsrc: number, commandNumber: number) => void,
): boolean {
  const entriesSize = packet.length - FCI_OFFSET;
  if (entriesSize <= 0 || entriesSize % FIR_ENTRY_SIZE !== 0) return false;
  for (let offset = FCI_OFFSET; offset < packet.length; offset += FIR_ENTRY_SIZE) {
    visit(packet.readUInt32BE(offset), packet[offset + 4]!);
  }
  return true;
}
