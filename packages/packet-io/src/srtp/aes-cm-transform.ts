import { Aes128, aesIv, aesPacket } from './aes128.ts';
import { copyBytes, equalInConstantTime } from './bytes.ts';
import { HmacSha1 } from './hmac-sha1.ts';
import type { SessionKeys } from './key-derivation.ts';
import {
  RTCP_HEADER_BYTES,
  readUint32,
  SRTCP_ENCRYPTED_FLAG,
  SRTCP_INDEX_BYTES,
  writeUint32,
} from './packet-format.ts';
import { writeRtcpIv, writeRtpIv } from './packet-iv.ts';
import type { SrtpTransform } from './transform.ts';

/** HMAC-SHA1 truncated to 80 bits. */
const TAG_BYTES = 10;

/** The SSRC stands at 2^64 in the 128-bit IV of RFC 3711 section 4.1.1. */
const IV_SSRC_OFFSET = 4;

/** RTP's tag also covers the rollover counter, which is not sent (RFC 3711 section 4.2). */
const rolloverSuffix = new Uint8Array(4);

interface CipherAndMac {
  readonly aes: Aes128;
  readonly salt: Uint8Array;
  readonly mac: HmacSha1;
}

/**
 * AES_CM_128_HMAC_SHA1_80 of RFC 3711.
 *
 *     SRTP    header | ciphertext | tag
 *     SRTCP   first 8 bytes | ciphertext | index word | tag
 */
export class AesCmTransform implements SrtpTransform {
  readonly rtpOverhead = TAG_BYTES;
  readonly rtcpOverhead = SRTCP_INDEX_BYTES + TAG_BYTES;
  readonly rtcpIndexFromEnd = SRTCP_INDEX_BYTES + TAG_BYTES;
  readonly #rtp: CipherAndMac;
  readonly #rtcp: CipherAndMac;

  constructor(rtp: SessionKeys, rtcp: SessionKeys) {
    this.#rtp = createCipherAndMac(rtp);
    this.#rtcp = createCipherAndMac(rtcp);
  }

  protectRtp(
    arena: Uint8Array,
    headerOffset: number,
    headerLength: number,
    prefixLength: number,
    payloadOffset: number,
    payloadLength: number,
    rolloverCounter: number,
    out: Uint8Array,
  ): number {
    const { aes, salt } = this.#rtp;
    const prefixEnd = headerLength + prefixLength;
    const end = prefixEnd + payloadLength;
    copyBytes(arena, headerOffset, prefixEnd, aesPacket);
    copyBytes(arena, payloadOffset, payloadLength, aesPacket, prefixEnd);
    writeRtpIv(aesIv, salt, IV_SSRC_OFFSET, aesPacket, rolloverCounter);
    aes.crypt(headerLength, end);
    copyBytes(aesPacket, 0, end, out);
    copyBytes(rtpTag(this.#rtp, out, end, rolloverCounter), 0, TAG_BYTES, out, end);
    return end + TAG_BYTES;
  }

  unprotectRtp(packet: Uint8Array, headerLength: number, rolloverCounter: number): number {
    const { aes, salt } = this.#rtp;
    const end = packet.length - TAG_BYTES;
    if (!equalInConstantTime(packet, end, rtpTag(this.#rtp, packet, end, rolloverCounter), TAG_BYTES)) return -1;
    writeRtpIv(aesIv, salt, IV_SSRC_OFFSET, packet, rolloverCounter);
    cryptInPlace(aes, packet, headerLength, end);
    return end;
  }

  protectRtcp(compound: Uint8Array, index: number, out: Uint8Array): number {
    const { aes, salt, mac } = this.#rtcp;
    const end = compound.length;
    copyBytes(compound, 0, end, out);
    writeRtcpIv(aesIv, salt, IV_SSRC_OFFSET, out, index);
    cryptInPlace(aes, out, RTCP_HEADER_BYTES, end);
    writeUint32(out, end, SRTCP_ENCRYPTED_FLAG | index);
    const tagOffset = end + SRTCP_INDEX_BYTES;
    copyBytes(mac.digest(out, tagOffset), 0, TAG_BYTES, out, tagOffset);
    return tagOffset + TAG_BYTES;
  }

  unprotectRtcp(packet: Uint8Array): number {
    const { aes, salt, mac } = this.#rtcp;
    const tagOffset = packet.length - TAG_BYTES;
    if (!equalInConstantTime(packet, tagOffset, mac.digest(packet, tagOffset), TAG_BYTES)) return -1;
    const end = tagOffset - SRTCP_INDEX_BYTES;
    const index = readUint32(packet, end) & ~SRTCP_ENCRYPTED_FLAG;
    writeRtcpIv(aesIv, salt, IV_SSRC_OFFSET, packet, index);
    cryptInPlace(aes, packet, RTCP_HEADER_BYTES, end);
    return end;
  }
}

function cryptInPlace(aes: Aes128, packet: Uint8Array, start: number, end: number): void {
  copyBytes(packet, start, end - start, aesPacket);
  aes.crypt(0, end - start);
  copyBytes(aesPacket, 0, end - start, packet, start);
}

function createCipherAndMac({ cipherKey, authKey, salt }: SessionKeys): CipherAndMac {
  return { aes: new Aes128(cipherKey), mac: new HmacSha1(authKey), salt };
}

function rtpTag({ mac }: CipherAndMac, packet: Uint8Array, end: number, rolloverCounter: number): Uint8Array {
  writeUint32(rolloverSuffix, 0, rolloverCounter);
  return mac.digest(packet, end, rolloverSuffix);
}
