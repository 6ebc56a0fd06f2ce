import { readAv1 } from './av1.ts';
import { readH264 } from './h264.ts';
import { clearPayloadDescriptor, type ReadPayload } from './payload-descriptor.ts';
import { readVp8 } from './vp8.ts';
import { readVp9 } from './vp9.ts';

/** For Opus, RED (RFC 2198), and codecs that are not known here: a decoder can begin with each packet, and nothing can be left out. */
const readIndependent: ReadPayload = (_packet, start, end, into) => {
  clearPayloadDescriptor(into);
  into.startsKeyframe = true;
  return start < end;
};

const READERS: Readonly<Record<string, ReadPayload>> = {
  'video/vp8': readVp8,
  'video/vp9': readVp9,
  'video/av1': readAv1,
  'video/h264': readH264,
};

/** Returns the reader for a codec by its MIME type, whose case does not matter. */
export const payloadReader = (mimeType: string): ReadPayload => READERS[mimeType.toLowerCase()] ?? readIndependent;
