import { createBlockCipher, encryptZeroBlock } from './block-cipher.ts';
import { copyBytes, equalInConstantTime, xorBytes } from './bytes.ts';
import { type CipherAndSalt, CounterKeystream } from './counter-keystream.ts';
import { Ghash } from './ghash.ts';
import type { SessionKeys } from './key-derivation.ts';
import { AES_BLOCK_BYTES } from './limits.ts';
import {
  RTCP_HEADER_BYTES,
  readUint32,
  SRTCP_ENCRYPTED_FLAG,
  SRTCP_INDEX_BYTES,
  writeUint32,
} from './packet-format.ts';
import type { SrtpTransform } from './transform.ts';

const TAG_BYTES = 16;

/** The SSRC follows two bytes of zeros in a 96-bit IV (RFC 7714 sections 8.1 and 9.1). */
const IV_SSRC_OFFSET = 2;

/** The counter block 1 masks the tag; the text begins at block 2 (SP 800-38D section 7.1). */
const keystreams = new CounterKeystream({ firstCounter: 1, ssrcOffset: IV_SSRC_OFFSET });

const rtcpAad = new Uint8Array(RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES);
const expectedTag = new Uint8Array(TAG_BYTES);

interface Aead extends CipherAndSalt {
  readonly ghash: Ghash;
}

/**
 * AEAD_AES_128_GCM of RFC 7714.
 *
 *     SRTP    header (associated data) | ciphertext | tag
 *     SRTCP   first 8 bytes (associated data) | ciphertext | tag | index word (associated data)
 */
export class AesGcmTransform implements SrtpTransform {
  readonly rtpOverhead = TAG_BYTES;
  readonly rtcpOverhead = TAG_BYTES + SRTCP_INDEX_BYTES;
  readonly rtcpIndexFromEnd = SRTCP_INDEX_BYTES;
  readonly #rtp: Aead;
  readonly #rtcp: Aead;

  constructor(rtp: SessionKeys, rtcp: SessionKeys) {
    this.#rtp = createAead(rtp);
    this.#rtcp = createAead(rtcp);
  }

  protectRtp(
    arena: Uint8Array,
    headerOffset: number,
    headerLength: number,
    payloadOffset: number,
    payloadLength: number,
    rolloverCounter: number,
    out: Uint8Array,
  ): number {
    copyBytes(arena, headerOffset, headerLength, out);
    const keystream = keystreams.forRtp(this.#rtp, out, rolloverCounter, AES_BLOCK_BYTES + payloadLength);
    const end = headerLength + payloadLength;
    xorBytes(arena, payloadOffset, payloadLength, keystream, AES_BLOCK_BYTES, out, headerLength);
    this.#rtp.ghash.tag(out, headerLength, out, headerLength, end, keystream, out, end);
    return end + TAG_BYTES;
  }

  unprotectRtp(packet: Uint8Array, headerLength: number, rolloverCounter: number): number {
    const end = packet.length - TAG_BYTES;
    const payloadLength = end - headerLength;
    const keystream = keystreams.forRtp(this.#rtp, packet, rolloverCounter, AES_BLOCK_BYTES + payloadLength);
    this.#rtp.ghash.tag(packet, headerLength, packet, headerLength, end, keystream, expectedTag, 0);
    if (!equalInConstantTime(packet, end, expectedTag, TAG_BYTES)) return -1;
    xorBytes(packet, headerLength, payloadLength, keystream, AES_BLOCK_BYTES, packet, headerLength);
    return end;
  }

  protectRtcp(compound: Uint8Array, index: number, out: Uint8Array): number {
    const end = compound.length;
    const textLength = end - RTCP_HEADER_BYTES;
    copyBytes(compound, 0, RTCP_HEADER_BYTES, out);
    writeUint32(out, end + TAG_BYTES, SRTCP_ENCRYPTED_FLAG | index);
    const keystream = keystreams.forRtcp(this.#rtcp, out, index, AES_BLOCK_BYTES + textLength);
    xorBytes(compound, RTCP_HEADER_BYTES, textLength, keystream, AES_BLOCK_BYTES, out, RTCP_HEADER_BYTES);
    this.#tagRtcp(out, end, keystream, out, end);
    return end + this.rtcpOverhead;
  }

  unprotectRtcp(packet: Uint8Array): number {
    const end = packet.length - this.rtcpOverhead;
    const textLength = end - RTCP_HEADER_BYTES;
    const index = readUint32(packet, end + TAG_BYTES) & ~SRTCP_ENCRYPTED_FLAG;
    const keystream = keystreams.forRtcp(this.#rtcp, packet, index, AES_BLOCK_BYTES + textLength);
    this.#tagRtcp(packet, end, keystream, expectedTag, 0);
    if (!equalInConstantTime(packet, end, expectedTag, TAG_BYTES)) return -1;
    xorBytes(packet, RTCP_HEADER_BYTES, textLength, keystream, AES_BLOCK_BYTES, packet, RTCP_HEADER_BYTES);
    return end;
  }

  /** `packet` holds the header, the ciphertext up to `end`, and the index word in its place behind the tag. */
  #tagRtcp(packet: Uint8Array, end: number, keystream: Uint8Array, tag: Uint8Array, tagOffset: number): void {
    copyBytes(packet, 0, RTCP_HEADER_BYTES, rtcpAad);
    writeUint32(rtcpAad, RTCP_HEADER_BYTES, readUint32(packet, end + TAG_BYTES));
    this.#rtcp.ghash.tag(rtcpAad, rtcpAad.length, packet, RTCP_HEADER_BYTES, end, keystream, tag, tagOffset);
  }
}

function createAead({ cipherKey, salt }: SessionKeys): Aead {
  const cipher = createBlockCipher(cipherKey);
  return { cipher, ghash: new Ghash(encryptZeroBlock(cipher)), salt };
}
