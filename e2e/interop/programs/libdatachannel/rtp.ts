const HEADER_BYTES = 12;
const VERSION_2 = 0x80;
const OPUS_PAYLOAD_TYPE = 111;
/** 20 ms at 48 kHz. */
const TICKS_PER_FRAME = 960;

/** Writes the RTP packet (RFC 3550 section 5.1) of the frame `count`, the first of which is 0. */
export function writeOpusPacket(ssrc: number, count: number, payload: Buffer): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + payload.length);
  packet[0] = VERSION_2;
  packet[1] = OPUS_PAYLOAD_TYPE;
  packet.writeUInt16BE(count & 0xffff, 2);
  packet.writeUInt32BE((count * TICKS_PER_FRAME) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  payload.copy(packet, HEADER_BYTES);
  return packet;
}

/** The payload of an RTP packet, or undefined for RTCP (RFC 5761 section 4) and for what is empty. */
export function opusPayloadOf(packet: Buffer): Buffer | undefined {
  const [first = 0, second = 0] = packet;
  if (packet.length < HEADER_BYTES || (second >= 192 && second < 224)) return undefined;
  let start = HEADER_BYTES + 4 * (first & 0x0f);
  if (first & 0x10) start += 4 + 4 * packet.readUInt16BE(start + 2);
  const end = packet.length - (first & 0x20 ? packet[packet.length - 1]! : 0);
  return start < end ? packet.subarray(start, end) : undefined;
}
