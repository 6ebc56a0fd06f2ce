import { writeFeedbackSsrcs } from './feedback.ts';
import { FCI_OFFSET, RtcpType, TransportFeedbackFormat, writeRtcpHeader } from './packet.ts';
import { maxChunksSize, readStatusChunks, Status, writeStatusChunks } from './transport-cc-chunks.ts';

// draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1, behind the two SSRCs:
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      base sequence number     |      packet status count      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 reference time                | fb pkt. count |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          packet chunk         |         packet chunk          |
// |              ...              |    recv delta, 1 or 2 bytes   |

const BASE_SEQUENCE_OFFSET = FCI_OFFSET;
const STATUS_COUNT_OFFSET = FCI_OFFSET + 2;
const REFERENCE_TIME_OFFSET = FCI_OFFSET + 4;
const FEEDBACK_COUNT_OFFSET = FCI_OFFSET + 7;
const CHUNKS_OFFSET = FCI_OFFSET + 8;

/** Arrival times count in 250 us, the reference time in 256 of them: both wrap together at 32 and 24 bits. */
export const TICKS_PER_MS = 4;
const REFERENCE_SHIFT = 8;

/** The moment that deltas start from: at `ticks` or less than 64 ms before. */
export function referenceTicks(ticks: number): number {
  return (ticks >> REFERENCE_SHIFT) << REFERENCE_SHIFT;
}

/** The status of a packet that arrived so long after the one before; undefined if no delta can express that. */
export function statusOf(deltaTicks: number): number | undefined {
  if (deltaTicks >= 0 && deltaTicks <= 0xff) return Status.smallDelta;
  return deltaTicks >= -0x8000 && deltaTicks <= 0x7fff ? Status.largeDelta : undefined;
}

/** Bytes that a feedback packet takes at most, its padding included. */
export function maxTransportCcSize(statusCount: number, deltasSize: number): number {
  return CHUNKS_OFFSET + maxChunksSize(statusCount) + deltasSize + 3;
}

/** Contents of one feedback packet. Arrays are borrowed, and may be longer than what counts. */
export interface TransportCcFeedback {
  senderSsrc: number;
  mediaSsrc: number;
  /** 8 bits: shows which feedback was lost. */
  feedbackCount: number;
  /** The first packet's, then one by one. */
  baseSequence: number;
  statusCount: number;
  readonly statuses: Uint8Array;
  /** Base of the first delta. */
  referenceTicks: number;
  /** At the place of each received packet: ticks since the one before. */
  readonly deltas: Int16Array;
}

/** Writes a feedback packet at `offset` and returns its end. */
export function writeTransportCc(out: Buffer, offset: number, feedback: TransportCcFeedback): number {
  const { statuses, statusCount, deltas } = feedback;
  writeFeedbackSsrcs(out, offset, feedback.senderSsrc, feedback.mediaSsrc);
  out.writeUInt16BE(feedback.baseSequence, offset + BASE_SEQUENCE_OFFSET);
  out.writeUInt16BE(statusCount, offset + STATUS_COUNT_OFFSET);
  out.writeIntBE(feedback.referenceTicks >> REFERENCE_SHIFT, offset + REFERENCE_TIME_OFFSET, 3);
  out.writeUInt8(feedback.feedbackCount, offset + FEEDBACK_COUNT_OFFSET);

  let end = writeStatusChunks(out, offset + CHUNKS_OFFSET, statuses, statusCount);
  for (let index = 0; index < statusCount; index++) {
    if (statuses[index] === Status.smallDelta) end = out.writeUInt8(deltas[index]!, end);
    else if (statuses[index] === Status.largeDelta) end = out.writeInt16BE(deltas[index]!, end);
  }
  return writeRtcpHeader(out, offset, end, RtcpType.transportFeedback, TransportFeedbackFormat.transportCc);
}

/**
 * Calls back for each packet in a feedback packet, in order of sequence numbers: with the time of arrival in ms
 * on the receiver's clock, or undefined if it has not arrived. False, and no call, if the packet is malformed.
 */
export function visitTransportCc(
  packet: Buffer,
  visit: (sequenceNumber: number, arrivalMs: number | undefined) => void,
): boolean {
  if (packet.length < CHUNKS_OFFSET) return false;
  const count = packet.readUInt16BE(STATUS_COUNT_OFFSET);
  const deltas = readStatusChunks(packet, CHUNKS_OFFSET, readStatuses, count);
  if (count === 0 || deltas < 0) return false;
  // A status is as large as its delta: 0, 1 or 2 bytes.
  let end = deltas;
  for (let index = 0; index < count; index++) end += readStatuses[index]!;
  if (end > packet.length) return false;

  const baseSequence = packet.readUInt16BE(BASE_SEQUENCE_OFFSET);
  let ticks = packet.readIntBE(REFERENCE_TIME_OFFSET, 3) * (1 << REFERENCE_SHIFT);
  let delta = deltas;
  for (let index = 0; index < count; index++) {
    const status = readStatuses[index]!;
    if (status !== Status.notReceived) {
      ticks += status === Status.smallDelta ? packet.readUInt8(delta) : packet.readInt16BE(delta);
      delta += status;
    }
    visit((baseSequence + index) & 0xffff, status === Status.notReceived ? undefined : ticks / TICKS_PER_MS);
  }
  return true;
}

/** Scratch of `visitTransportCc`, whose callbacks read no other feedback: as many as a packet can count. */
const readStatuses = new Uint8Array(0xffff);
