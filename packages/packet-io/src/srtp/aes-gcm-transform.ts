import { createSecretKey } from 'node:crypto';
import { AesGcm, GCM_TAG_BYTES, gcmIv, SHORT_TEXT_BYTES } from './aes-gcm.ts';
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

const rtcpAad = new Uint8Array(RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES);

interface AeadKeys {
  readonly aead: AesGcm;
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
  readonly #rtp: AeadKeys;
  readonly #rtcp: AeadKeys;

  constructor(rtp: SessionKeys, rtcp: SessionKeys) {
    this.#rtp = { aead: new AesGcm(createSecretKey(rtp.cipherKey)), salt: rtp.salt };
    this.#rtcp = { aead: new AesGcm(createSecretKey(rtcp.cipherKey)), salt: rtcp.salt };
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
    const { aead, salt } = this.#rtp;
    const prefixEnd = headerLength + prefixLength;
    const end = prefixEnd + payloadLength;
    copyBytes(arena, headerOffset, prefixEnd, out);
    writeRtpIv(gcmIv, salt, IV_SSRC_OFFSET, out, rolloverCounter);
    if (prefixLength + payloadLength <= SHORT_TEXT_BYTES) {
      aead.sealShort(headerLength, prefixLength, arena, payloadOffset, payloadLength, out);
    } else {
      out.set(arena.subarray(payloadOffset, payloadOffset + payloadLength), prefixEnd);
      aead.seal(out.subarray(0, headerLength), out.subarray(headerLength, end), out, headerLength);
    }
    return end + GCM_TAG_BYTES;
  }

  unprotectRtp(packet: Uint8Array, headerLength: number, rolloverCounter: number): number {
    const { aead, salt } = this.#rtp;
    const end = packet.length - GCM_TAG_BYTES;
    writeRtpIv(gcmIv, salt, IV_SSRC_OFFSET, packet, rolloverCounter);
    const header = packet.subarray(0, headerLength);
    return aead.open(header, packet.subarray(headerLength, end), packet.subarray(end)) ? end : -1;
  }

  protectRtcp(compound: Uint8Array, index: number, out: Uint8Array): number {
    const { aead, salt } = this.#rtcp;
    const indexOffset = compound.length + GCM_TAG_BYTES;
    copyBytes(compound, 0, RTCP_HEADER_BYTES, out);
    writeUint32(out, indexOffset, SRTCP_ENCRYPTED_FLAG | index);
    writeRtcpIv(gcmIv, salt, IV_SSRC_OFFSET, out, index);
    aead.seal(associatedData(out, indexOffset), compound.subarray(RTCP_HEADER_BYTES), out, RTCP_HEADER_BYTES);
    return indexOffset + SRTCP_INDEX_BYTES;
  }

  unprotectRtcp(packet: Uint8Array): number {
    const { aead, salt } = this.#rtcp;
    const indexOffset = packet.length - SRTCP_INDEX_BYTES;
    const end = indexOffset - GCM_TAG_BYTES;
    const index = readUint32(packet, indexOffset) & ~SRTCP_ENCRYPTED_FLAG;
    writeRtcpIv(gcmIv, salt, IV_SSRC_OFFSET, packet, index);
    const aad = associatedData(packet, indexOffset);
    const isOpen =
      end - RTCP_HEADER_BYTES <= SHORT_TEXT_BYTES
        ? aead.openShort(aad, packet, RTCP_HEADER_BYTES, end)
        : aead.open(aad, packet.subarray(RTCP_HEADER_BYTES, end), packet.subarray(end, indexOffset));
    return isOpen ? end : -1;
  }
}

/** The first 8 bytes and the index word, which in the packet stand apart (RFC 7714 section 9.2). */
function associatedData(packet: Uint8Array, indexOffset: number): Uint8Array {
  copyBytes(packet, 0, RTCP_HEADER_BYTES, rtcpAad);
  copyBytes(packet, indexOffset, SRTCP_INDEX_BYTES, rtcpAad.subarray(RTCP_HEADER_BYTES));
  return rtcpAad;
}
