import { Aes128, aesIv, aesPacket, GCM_TAG_BYTES } from './aes128.ts';
import { copyBytes } from './bytes.ts';
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

/** The SSRC follows two bytes of zeros in a 96-bit IV (RFC 7714 sections 8.1 and 9.1). */
const IV_SSRC_OFFSET = 2;

/** GCM's associated data of an RTCP packet: its first 8 bytes and the index word, which are apart in the packet. */
const RTCP_AAD_BYTES = RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES;

interface CipherAndSalt {
  readonly aes: Aes128;
  readonly salt: Uint8Array;
}

/**
 * AEAD_AES_128_GCM of RFC 7714.
 *
 *     SRTP    header (associated data) | ciphertext | tag
 *     SRTCP   first 8 bytes (associated data) | ciphertext | tag | index word (associated data)
 */
export class AesGcmTransform implements SrtpTransform {
  readonly rtpOverhead = GCM_TAG_BYTES;
  readonly rtcpOverhead = GCM_TAG_BYTES + SRTCP_INDEX_BYTES;
  readonly rtcpIndexFromEnd = SRTCP_INDEX_BYTES;
  readonly #rtp: CipherAndSalt;
  readonly #rtcp: CipherAndSalt;

  constructor(rtp: SessionKeys, rtcp: SessionKeys) {
    this.#rtp = { aes: new Aes128(rtp.cipherKey), salt: rtp.salt };
    this.#rtcp = { aes: new Aes128(rtcp.cipherKey), salt: rtcp.salt };
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
    aes.seal(headerLength, end);
    copyBytes(aesPacket, 0, end + GCM_TAG_BYTES, out);
    return end + GCM_TAG_BYTES;
  }

  unprotectRtp(packet: Uint8Array, headerLength: number, rolloverCounter: number): number {
    const { aes, salt } = this.#rtp;
    const end = packet.length - GCM_TAG_BYTES;
    copyBytes(packet, 0, packet.length, aesPacket);
    writeRtpIv(aesIv, salt, IV_SSRC_OFFSET, aesPacket, rolloverCounter);
    if (!aes.open(headerLength, end)) return -1;
    copyBytes(aesPacket, headerLength, end - headerLength, packet, headerLength);
    return end;
  }

  protectRtcp(compound: Uint8Array, index: number, out: Uint8Array): number {
    const { aes, salt } = this.#rtcp;
    const textLength = compound.length - RTCP_HEADER_BYTES;
    const sealedLength = textLength + GCM_TAG_BYTES;
    const indexOffset = RTCP_HEADER_BYTES + sealedLength;
    copyBytes(compound, 0, RTCP_HEADER_BYTES, aesPacket);
    writeUint32(aesPacket, RTCP_HEADER_BYTES, SRTCP_ENCRYPTED_FLAG | index);
    copyBytes(compound, RTCP_HEADER_BYTES, textLength, aesPacket, RTCP_AAD_BYTES);
    writeRtcpIv(aesIv, salt, IV_SSRC_OFFSET, aesPacket, index);
    aes.seal(RTCP_AAD_BYTES, RTCP_AAD_BYTES + textLength);
    copyBytes(aesPacket, 0, RTCP_HEADER_BYTES, out);
    copyBytes(aesPacket, RTCP_AAD_BYTES, sealedLength, out, RTCP_HEADER_BYTES);
    copyBytes(aesPacket, RTCP_HEADER_BYTES, SRTCP_INDEX_BYTES, out, indexOffset);
    return indexOffset + SRTCP_INDEX_BYTES;
  }

  unprotectRtcp(packet: Uint8Array): number {
    const { aes, salt } = this.#rtcp;
    const indexOffset = packet.length - SRTCP_INDEX_BYTES;
    const sealedLength = indexOffset - RTCP_HEADER_BYTES;
    const textLength = sealedLength - GCM_TAG_BYTES;
    const index = readUint32(packet, indexOffset) & ~SRTCP_ENCRYPTED_FLAG;
    copyBytes(packet, 0, RTCP_HEADER_BYTES, aesPacket);
    copyBytes(packet, indexOffset, SRTCP_INDEX_BYTES, aesPacket, RTCP_HEADER_BYTES);
    copyBytes(packet, RTCP_HEADER_BYTES, sealedLength, aesPacket, RTCP_AAD_BYTES);
    writeRtcpIv(aesIv, salt, IV_SSRC_OFFSET, aesPacket, index);
    if (!aes.open(RTCP_AAD_BYTES, RTCP_AAD_BYTES + textLength)) return -1;
    copyBytes(aesPacket, RTCP_AAD_BYTES, textLength, packet, RTCP_HEADER_BYTES);
    return RTCP_HEADER_BYTES + textLength;
  }
}
