import { byteAt, clearPayloadDescriptor, type ReadPayload } from './payload-descriptor.ts';

//      0 1 2 3 4 5 6 7
//     +-+-+-+-+-+-+-+-+
//     |I|P|L|F|B|E|V|Z| (REQUIRED)
//     +-+-+-+-+-+-+-+-+
// I:  |M| PICTURE ID  | (with a second byte where M is set)
//     +-+-+-+-+-+-+-+-+
// L:  | TID |U| SID |D|
//     +-+-+-+-+-+-+-+-+
//     |  TL0PICIDX    | (where L is set and F is not)
//     +-+-+-+-+-+-+-+-+
// P,F:| P_DIFF      |N| (up to three, where P and F are set: another follows if N is)
//     +-+-+-+-+-+-+-+-+
// V:  | SS            |
//     +-+-+-+-+-+-+-+-+

const I_BIT = 0x80;
const P_BIT = 0x40;
const L_BIT = 0x20;
const F_BIT = 0x10;
const B_BIT = 0x08;
const E_BIT = 0x04;
const V_BIT = 0x02;
const M_BIT = 0x80;
const U_BIT = 0x10;
const N_BIT = 0x01;
const MAX_REFERENCES = 3;

/** Reads the VP9 payload descriptor (RFC 9628 section 4.2). A payload that ends with it is malformed. */
export const readVp9: ReadPayload = (packet, start, end, into) => {
  clearPayloadDescriptor(into);
  const first = byteAt(packet, start, end);
  const isFlexible = (first & F_BIT) !== 0;
  const isPredicted = (first & P_BIT) !== 0;
  into.endsFrame = (first & E_BIT) !== 0;
  let at = start + 1;
  if ((first & I_BIT) !== 0) at += (byteAt(packet, at, end) & M_BIT) !== 0 ? 2 : 1;
  if ((first & L_BIT) !== 0) {
    const layer = byteAt(packet, at++, end);
    into.temporalId = layer >> 5;
    into.isSwitchingUpPoint = (layer & U_BIT) !== 0;
    into.spatialId = (layer >> 1) & 0x07;
    if (!isFlexible) at++;
  }
  if (isPredicted && isFlexible) at = skipReferences(packet, at, end);
  if ((first & V_BIT) !== 0) at = skipScalabilityStructure(packet, at, end);
  into.startsKeyframe = (first & B_BIT) !== 0 && !isPredicted && into.spatialId === 0;
  return at < end;
};

function skipReferences(packet: Buffer, start: number, end: number): number {
  let at = start;
  for (let count = 1; (byteAt(packet, at++, end) & N_BIT) !== 0 && count < MAX_REFERENCES; count++);
  return at;
}

//      +-+-+-+-+-+-+-+-+
//     V:| N_S |Y|G|-|-|-|
//      +-+-+-+-+-+-+-+-+
// Y:   | WIDTH, HEIGHT | (2 bytes each, for N_S + 1 layers)
//      +-+-+-+-+-+-+-+-+
// G:   |  N_G          |
//      +-+-+-+-+-+-+-+-+
// N_G: | TID |U| R |-|-| (then R bytes of P_DIFF, for each of N_G pictures)
//      +-+-+-+-+-+-+-+-+

function skipScalabilityStructure(packet: Buffer, start: number, end: number): number {
  const first = byteAt(packet, start, end);
  let at = start + 1;
  if ((first & 0x10) !== 0) at += ((first >> 5) + 1) * 4;
  if ((first & 0x08) === 0) return at;
  let pictures = byteAt(packet, at++, end);
  for (; pictures > 0 && at < end; pictures--) at += 1 + ((byteAt(packet, at, end) >> 2) & 0x03);
  return pictures > 0 ? end : at;
}
