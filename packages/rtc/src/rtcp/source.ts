import { countOf, RTCP_HEADER_SIZE, RtcpType, writeRtcpHeader } from './packet.ts';

/** SDES item types (RFC 3550 section 6.5). */
const END_ITEM = 0;
const CNAME_ITEM = 1;
const MAX_ITEM_LENGTH = 255;
const SSRC_SIZE = 4;

/** Writes a source description of one source with its CNAME, which every compound packet needs (RFC 3550 section 6.1). */
export function writeSourceDescription(out: Buffer, offset: number, ssrc: number, cname: string): number {
  const length = Buffer.byteLength(cname);
  if (length > MAX_ITEM_LENGTH) throw new RangeError(`CNAME of ${length} bytes: at most ${MAX_ITEM_LENGTH} fit`);
  const item = offset + RTCP_HEADER_SIZE + SSRC_SIZE;
  out.writeUInt32BE(ssrc, offset + RTCP_HEADER_SIZE);
  out.writeUInt8(CNAME_ITEM, item);
  out.writeUInt8(length, item + 1);
  out.set(Buffer.from(cname), item + 2);

  // One to four null bytes: the item list ends with one, and the chunk with a word.
  const textEnd = item + 2 + length;
  const end = textEnd + 4 - ((textEnd - offset) % 4);
  out.fill(END_ITEM, textEnd, end);
  return writeRtcpHeader(out, offset, end, RtcpType.sourceDescription, 1);
}

/** Calls back for each source that has a CNAME. False, and no call, if the packet is malformed. */
export function visitSourceDescription(packet: Buffer, visit: (ssrc: number, cname: string) => void): boolean {
  return walkChunks(packet, () => {}) && walkChunks(packet, visit);
}

function walkChunks(packet: Buffer, visit: (ssrc: number, cname: string) => void): boolean {
  let offset = RTCP_HEADER_SIZE;
  for (let chunk = 0; chunk < countOf(packet); chunk++) {
    if (packet.length - offset < SSRC_SIZE) return false;
    const ssrc = packet.readUInt32BE(offset);
    offset += SSRC_SIZE;
    while (offset < packet.length && packet[offset] !== END_ITEM) {
      if (packet.length - offset < 2) return false;
      const [type, length] = [packet[offset], packet[offset + 1]];
      offset += 2;
      if (length! > packet.length - offset) return false;
      if (type === CNAME_ITEM) visit(ssrc, packet.toString('utf8', offset, offset + length!));
      offset += length!;
    }
    if (offset >= packet.length) return false;
    offset += 4 - (offset % 4);
  }
  return offset <= packet.length;
}

/** Calls back for each source of a BYE (RFC 3550 section 6.6), false if the packet is malformed. */
export function visitGoodbye(packet: Buffer, visit: (ssrc: number) => void): boolean {
  const end = RTCP_HEADER_SIZE + countOf(packet) * SSRC_SIZE;
  if (packet.length < end) return false;
  for (let offset = RTCP_HEADER_SIZE; offset < end; offset += SSRC_SIZE) visit(packet.readUInt32BE(offset));
  return true;
}
