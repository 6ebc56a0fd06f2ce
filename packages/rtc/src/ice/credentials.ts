import type { Random } from '../ports.ts';

/** Credentials of one side's half of an ICE session (RFC 8445 section 5.3). */
export interface IceCredentials {
  /** 4 to 256 ice-chars. */
  readonly ufrag: string;
  /** 22 to 256 ice-chars. */
  readonly pwd: string;
}

/** The 64 ice-chars of RFC 8839 section 5.4: one for every 6 bits. */
const ICE_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** 72 bits where the RFC requires 24: datagrams find their session by it, so that two sessions must never share one. */
const UFRAG_LENGTH = 12;
/** 144 bits where the RFC requires 128. */
const PWD_LENGTH = 24;

export function newIceCredentials(random: Random): IceCredentials {
  return { ufrag: iceString(random, UFRAG_LENGTH), pwd: iceString(random, PWD_LENGTH) };
}

function iceString(random: Random, length: number): string {
  return Array.from(random(length), (byte) => ICE_CHARS[byte & 63]).join('');
}
