import { writeFeedbackSsrcs } from './feedback.ts';
import { FCI_OFFSET, PayloadFeedbackFormat, RtcpType, writeRtcpHeader } from './packet.ts';

// draft-alvestrand-rmcat-remb-03 section 2.2, behind the two SSRCs:
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Unique identifier 'R' 'E' 'M' 'B'                            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Num SSRC     | BR Exp    |  BR Mantissa                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   SSRC feedback, one or more                                  |

const REMB = 0x52454d42;
const COUNT_OFFSET = FCI_OFFSET + 4;
const SSRCS_OFFSET = FCI_OFFSET + 8;
const MANTISSA_BITS = 18;
const MANTISSA_MASK = 2 ** MANTISSA_BITS - 1;

/** Tells a sender what its streams may take together. Rates are rounded down to 18 significant bits. */
export function writeRemb(
  out: Buffer,
  offset: number,
  senderSsrc: number,
  bitrateBps: number,
  ssrcs: readonly number[],
): number {
  if (ssrcs.length > 0xff) throw new RangeError(`REMB for ${ssrcs.length} sources: at most 255 fit`);
  const exponent = Math.max(0, Math.floor(Math.log2(Math.max(1, bitrateBps))) - MANTISSA_BITS + 1);
  const mantissa = Math.floor(bitrateBps / 2 ** exponent);
  let end = writeFeedbackSsrcs(out, offset, senderSsrc, 0);
  end = out.writeUInt32BE(REMB, end);
  end = out.writeUInt32BE(((ssrcs.length << 24) | (exponent << MANTISSA_BITS) | mantissa) >>> 0, end);
  for (const ssrc of ssrcs) end = out.writeUInt32BE(ssrc, end);
  return writeRtcpHeader(out, offset, end, RtcpType.payloadFeedback, PayloadFeedbackFormat.application);
}

/** Reports whether an application layer feedback packet is a REMB, by its identifier. */
export function isRemb(packet: Buffer): boolean {
  return packet.length >= FCI_OFFSET + 4 && packet.readUInt32BE(FCI_OFFSET) === REMB;
}

/** The bitrate in bit/s that the receiver estimates; -1 if the packet is malformed. */
export function rembBitrateOf(packet: Buffer): number {
  if (packet.length < SSRCS_OFFSET || packet.length < SSRCS_OFFSET + packet[COUNT_OFFSET]! * 4) return -1;
  const word = packet.readUInt32BE(COUNT_OFFSET);
  return (word & MANTISSA_MASK) * 2 ** ((word >>> MANTISSA_BITS) & 0x3f);
}
