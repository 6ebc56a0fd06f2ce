import type { VideoCodecName } from '../src/testing/index.ts';
import type { DecodedFormat } from './decode-video.ts';

export const DECODED_FORMATS: Readonly<Record<VideoCodecName, DecodedFormat>> = {
  VP8: 'VP80',
  VP9: 'VP90',
  AV1: 'AV01',
  H264: 'h264',
};

/** Makes a frame, as its decoder takes it, of its payloads without descriptors (VP8, VP9), or of its whole payloads (AV1, H.264). */
export function depacketize(codec: VideoCodecName, payloads: readonly Buffer[]): Buffer {
  if (codec === 'H264') return Buffer.concat(payloads.flatMap(nalUnitsOf));
  if (codec === 'AV1') return Buffer.concat([TEMPORAL_DELIMITER, ...obusOf(payloads).map(withSize)]);
  return Buffer.concat(payloads);
}

const START_CODE = Buffer.of(0, 0, 0, 1);

/** NAL units, or parts of one, with start codes (RFC 6184 sections 5.6 to 5.8). */
function nalUnitsOf(payload: Buffer): Buffer[] {
  const type = payload[0]! & 0x1f;
  if (type === 28) {
    const header = Buffer.of((payload[0]! & 0xe0) | (payload[1]! & 0x1f));
    return [...((payload[1]! & 0x80) === 0 ? [] : [START_CODE, header]), payload.subarray(2)];
  }
  if (type !== 24) return [START_CODE, payload];
  const units: Buffer[] = [];
  for (let at = 1; at < payload.length; ) {
    const size = payload.readUInt16BE(at);
    units.push(START_CODE, payload.subarray(at + 2, at + 2 + size));
    at += 2 + size;
  }
  return units;
}

const TEMPORAL_DELIMITER = Buffer.of(0x12, 0);

/** OBUs without sizes, put together from the elements of all payloads (AV1 RTP specification, section 4.4). */
function obusOf(payloads: readonly Buffer[]): Buffer[] {
  const obus: Buffer[] = [];
  for (const payload of payloads) {
    const elements = elementsOf(payload);
    const continued = (payload[0]! & 0x80) !== 0 ? elements.shift() : undefined;
    if (continued) obus.push(Buffer.concat([obus.pop()!, continued]));
    obus.push(...elements);
  }
  return obus;
}

function elementsOf(payload: Buffer): Buffer[] {
  const count = (payload[0]! >> 4) & 3;
  const elements: Buffer[] = [];
  for (let at = 1; at < payload.length; ) {
    let size = payload.length - at;
    if (elements.length + 1 !== count) [size, at] = readLeb128(payload, at);
    elements.push(payload.subarray(at, at + size));
    at += size;
  }
  return elements;
}

function readLeb128(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start; ; at++) {
    value += (bytes[at]! & 0x7f) * 2 ** (7 * (at - start));
    if ((bytes[at]! & 0x80) === 0) return [value, at + 1];
  }
}

/** With has_size_field set. */
function withSize(obu: Buffer): Buffer {
  const header = (obu[0]! & 0x04) === 0 ? 1 : 2;
  const size: number[] = [];
  let rest = obu.length - header;
  do {
    size.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.of(obu[0]! | 0x02), obu.subarray(1, header), Buffer.from(size), obu.subarray(header)]);
}

/** Length of a VP9 payload descriptor (RFC 9628 section 4.2), without a scalability structure's pictures. */
export function vp9DescriptorLength(payload: Buffer): number {
  const [first = 0] = payload;
  const has = (bit: number) => (first & bit) !== 0;
  let at = 1;
  if (has(0x80)) at += (payload[at]! & 0x80) !== 0 ? 2 : 1;
  if (has(0x20)) at += has(0x10) ? 1 : 2;
  if (has(0x40) && has(0x10)) while ((payload[at++]! & 0x01) !== 0);
  if (!has(0x02)) return at;
  const structure = payload[at++]!;
  if ((structure & 0x10) !== 0) at += ((structure >> 5) + 1) * 4;
  if ((structure & 0x08) === 0) return at;
  for (let pictures = payload[at++]!; pictures > 0; pictures--) at += 1 + ((payload[at]! >> 2) & 0x03);
  return at;
}
