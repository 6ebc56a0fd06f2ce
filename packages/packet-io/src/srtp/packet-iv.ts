import { rtcpSsrc, rtpSequenceNumber, rtpSsrc } from './packet-format.ts';

/**
 * The IV of the RTP packet that begins with `header`: the salt, with the SSRC at `ssrcOffset` and the 48-bit packet index behind
 * it laid over by exclusive or. Both profiles have this form (RFC 3711 section 4.1.1, RFC 7714 section 8.1).
 */
export function writeRtpIv(
  iv: Uint8Array,
  salt: Uint8Array,
  ssrcOffset: number,
  header: Uint8Array,
  rolloverCounter: number,
): void {
  const indexLow32 = (rolloverCounter << 16) | rtpSequenceNumber(header);
  writeIv(iv, salt, ssrcOffset, rtpSsrc(header), rolloverCounter >>> 16, indexLow32);
}

/** The same for a compound RTCP packet and its 31-bit index (RFC 3711 section 4.1.1, RFC 7714 section 9.1). */
export function writeRtcpIv(
  iv: Uint8Array,
  salt: Uint8Array,
  ssrcOffset: number,
  header: Uint8Array,
  index: number,
): void {
  writeIv(iv, salt, ssrcOffset, rtcpSsrc(header), 0, index);
}

function writeIv(
  iv: Uint8Array,
  salt: Uint8Array,
  at: number,
  ssrc: number,
  indexHigh16: number,
  indexLow32: number,
): void {
  for (let i = 0; i < salt.length; i++) iv[i] = salt[i]!;
  iv[at]! ^= ssrc >>> 24;
  iv[at + 1]! ^= ssrc >>> 16;
  iv[at + 2]! ^= ssrc >>> 8;
  iv[at + 3]! ^= ssrc;
  iv[at + 4]! ^= indexHigh16 >>> 8;
  iv[at + 5]! ^= indexHigh16;
  iv[at + 6]! ^= indexLow32 >>> 24;
  iv[at + 7]! ^= indexLow32 >>> 16;
  iv[at + 8]! ^= indexLow32 >>> 8;
  iv[at + 9]! ^= indexLow32;
}
