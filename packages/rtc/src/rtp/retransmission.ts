//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         RTP header                            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |            OSN                |                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               |
// |                  original RTP packet payload                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** Original sequence number, in front of the payload of a packet in a retransmission stream (RFC 4588 section 4). */
export const OSN_BYTES = 2;

/**
 * Returns the sequence number that a retransmitted packet had in its media stream, or -1 if it retransmits none: senders probe with padding
 * in this stream too.
 */
export function originalSequenceNumberOf(packet: Buffer, headerLength: number, payloadLength: number): number {
  return payloadLength < OSN_BYTES ? -1 : packet.readUInt16BE(headerLength);
}

/** Writes the sequence number of the media stream at `offset`, and returns its end. */
export function writeOriginalSequenceNumber(out: Buffer, offset: number, sequenceNumber: number): number {
  return out.writeUInt16BE(sequenceNumber, offset);
}
