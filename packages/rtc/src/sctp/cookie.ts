import { createHmac, timingSafeEqual } from 'node:crypto';
import type { InitFields } from './wire/init.ts';

// Section 15: Valid.Cookie.Life.
const COOKIE_LIFE_MS = 60_000;
const STATE_BYTES = 28;
const MAC_BYTES = 32;
const FLAG_FORWARD_TSN = 0x01;
const FLAG_RE_CONFIG = 0x02;

/** Contents of the peer's INIT that we need. Not kept here until they return in a COOKIE ECHO. */
export interface PeerInit extends InitFields {
  readonly forwardTsn: boolean;
  readonly reConfig: boolean;
}

/** A state cookie (RFC 9260 section 5.1.3): time and the peer's INIT, authenticated with `key`. */
export function sealCookie(peer: PeerInit, key: Uint8Array, nowMs: number): Buffer {
  const cookie = Buffer.alloc(STATE_BYTES + MAC_BYTES);
  cookie.writeDoubleBE(nowMs, 0);
  cookie.writeUInt32BE(peer.initiateTag, 8);
  cookie.writeUInt32BE(peer.receiverWindowBytes, 12);
  cookie.writeUInt16BE(peer.outboundStreams, 16);
  cookie.writeUInt16BE(peer.inboundStreams, 18);
  cookie.writeUInt32BE(peer.initialTsn, 20);
  cookie[24] = (peer.forwardTsn ? FLAG_FORWARD_TSN : 0) | (peer.reConfig ? FLAG_RE_CONFIG : 0);
  mac(cookie, key).copy(cookie, STATE_BYTES);
  return cookie;
}

/** Opens a cookie; undefined if it is not ours, or older than a minute. */
export function openCookie(cookie: Buffer, key: Uint8Array, nowMs: number): PeerInit | undefined {
  if (cookie.length !== STATE_BYTES + MAC_BYTES) return undefined;
  if (!timingSafeEqual(mac(cookie, key), cookie.subarray(STATE_BYTES))) return undefined;
  if (nowMs - cookie.readDoubleBE(0) > COOKIE_LIFE_MS) return undefined;
  const flags = cookie[24]!;
  return {
    initiateTag: cookie.readUInt32BE(8),
    receiverWindowBytes: cookie.readUInt32BE(12),
    outboundStreams: cookie.readUInt16BE(16),
    inboundStreams: cookie.readUInt16BE(18),
    initialTsn: cookie.readUInt32BE(20),
    forwardTsn: (flags & FLAG_FORWARD_TSN) !== 0,
    reConfig: (flags & FLAG_RE_CONFIG) !== 0,
  };
}

function mac(cookie: Buffer, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(cookie.subarray(0, STATE_BYTES)).digest();
}
