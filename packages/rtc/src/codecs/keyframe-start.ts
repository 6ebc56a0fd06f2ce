/** Returns whether the payload from `start` to `end`, which is not empty, begins a key frame. */
export type StartsKeyframe = (packet: Buffer, start: number, end: number) => boolean;

//   0 1 2 3 4 5 6 7
//  +-+-+-+-+-+-+-+-+
//  |Z|Y| W |N|-|-|-|
//  +-+-+-+-+-+-+-+-+

/** AV1 (RTP Payload Format for AV1, section 4.4): N marks the first packet of a coded video sequence. */
const startsAv1Keyframe: StartsKeyframe = (packet, start) => (byteAt(packet, start) & 0x08) !== 0;

//   0 1 2 3 4 5 6 7
//  +-+-+-+-+-+-+-+-+
//  |I|P|L|F|B|E|V|Z| (REQUIRED)
//  +-+-+-+-+-+-+-+-+
//  |M| PICTURE ID  | (where I is set, with a second byte where M is)
//  +-+-+-+-+-+-+-+-+
//  | TID |U| SID |D| (where L is set)
//  +-+-+-+-+-+-+-+-+

/** VP9 (RFC 9628 section 4.2): the first packet of a frame that is not predicted from others, in the lowest spatial layer. */
const startsVp9Keyframe: StartsKeyframe = (packet, start, end) => {
  const first = byteAt(packet, start);
  const isPredicted = (first & 0x40) !== 0;
  const beginsFrame = (first & 0x08) !== 0;
  if (isPredicted || !beginsFrame) return false;
  if ((first & 0x20) === 0) return true;
  const hasPictureId = (first & 0x80) !== 0;
  const pictureIdBytes = hasPictureId ? ((byteAt(packet, start + 1) & 0x80) !== 0 ? 2 : 1) : 0;
  const layers = start + 1 + pictureIdBytes;
  return layers < end && ((byteAt(packet, layers) >> 1) & 0x07) === 0;
};

const IDR = 5;
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;
const FU_START_BIT = 0x80;
const NAL_TYPE_MASK = 0x1f;

/** H.264 (RFC 6184): parameter sets that an IDR picture follows, or the picture's own first packet. */
const startsH264Keyframe: StartsKeyframe = (packet, start, end) => {
  const type = byteAt(packet, start) & NAL_TYPE_MASK;
  if (type === STAP_A) return aggregatesKeyframe(packet, start + 1, end);
  if (type !== FU_A) return isKeyType(type);
  const header = start + 1 < end ? byteAt(packet, start + 1) : 0;
  return (header & FU_START_BIT) !== 0 && isKeyType(header & NAL_TYPE_MASK);
};

function aggregatesKeyframe(packet: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at + 2 < end) {
    const size = packet.readUInt16BE(at);
    if (isKeyType(byteAt(packet, at + 2) & NAL_TYPE_MASK)) return true;
    at += 2 + size;
  }
  return false;
}

const isKeyType = (type: number): boolean => type === IDR || type === SPS;

const byteAt = (packet: Buffer, at: number): number => packet[at] ?? 0;

/** By MIME type in lower case. VP8 is read by `readVp8Descriptor`. Of a codec that is not here, each packet begins anew. */
const READERS: Readonly<Record<string, StartsKeyframe>> = {
  'video/av1': startsAv1Keyframe,
  'video/vp9': startsVp9Keyframe,
  'video/h264': startsH264Keyframe,
};

/** Returns the reader for a codec. */
export const keyframeReader = (mimeType: string): StartsKeyframe => READERS[mimeType.toLowerCase()] ?? (() => true);
