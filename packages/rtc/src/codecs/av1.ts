import { byteAt, clearPayloadDescriptor, type ReadPayload } from './payload-descriptor.ts';

//   0 1 2 3 4 5 6 7
//  +-+-+-+-+-+-+-+-+
//  |Z|Y| W |N|-|-|-|
//  +-+-+-+-+-+-+-+-+

const Z_BIT = 0x80;
const N_BIT = 0x08;

/**
 * Reads the aggregation header of AV1 (RTP Payload Format for AV1, section 4.4). Only N is of use: it marks the first packet of a coded video
 * sequence. OBU headers contain the layers, but not in packets that continue an OBU, so that layers come from the dependency descriptor alone.
 */
export const readAv1: ReadPayload = (packet, start, end, into) => {
  clearPayloadDescriptor(into);
  const header = byteAt(packet, start, end);
  into.startsKeyframe = (header & N_BIT) !== 0;
  const continuesObu = (header & Z_BIT) !== 0;
  return start + 1 < end && !(into.startsKeyframe && continuesObu);
};
