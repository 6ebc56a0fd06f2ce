import {
  ATTRIBUTE_HEADER_SIZE,
  LENGTH_OFFSET,
  MAX_USERNAME_SIZE,
  paddedSize,
  STUN_HEADER_SIZE,
  StunAttribute,
} from './attributes.ts';
import { hasStunHeader } from './message.ts';

const COLON = 0x3a;

/**
 * Finds the receiver of a connectivity check before authenticating it: the half of USERNAME in front of the colon is
 * the receiver's ufrag (RFC 8445 section 7.2.2). Much cheaper than a parse, so that a flood of strangers' checks is; the
 * agent which it leads to parses and authenticates.
 */
export function localUfragOf(datagram: Buffer): string | undefined {
  if (!hasStunHeader(datagram)) return undefined;
  for (let offset = STUN_HEADER_SIZE; offset + ATTRIBUTE_HEADER_SIZE <= datagram.length; ) {
    const start = offset + ATTRIBUTE_HEADER_SIZE;
    const length = datagram.readUInt16BE(offset + LENGTH_OFFSET);
    if (length > datagram.length - start) return undefined;
    if (datagram.readUInt16BE(offset) === StunAttribute.username) return firstHalf(datagram, start, length);
    offset = start + paddedSize(length);
  }
  return undefined;
}

function firstHalf(datagram: Buffer, start: number, length: number): string | undefined {
  if (length > MAX_USERNAME_SIZE) return undefined;
  const colon = datagram.indexOf(COLON, start);
  return colon > start && colon < start + length ? datagram.toString('latin1', start, colon) : undefined;
}
