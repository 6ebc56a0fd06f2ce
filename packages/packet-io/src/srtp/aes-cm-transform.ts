import { createSecretKey } from 'node:crypto';
import { type BlockCipher, createBlockCipher } from './block-cipher.ts';
import { copyBytes, equalInConstantTime, xorBytes } from './bytes.ts';
import { CounterKeystream } from './counter-keystream.ts';
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

const keystreams = new CounterKeystream({ ivBytes: 14, firstCounter: 0 });

/** RTP's tag also covers the rollover counter, which is not sent (RFC 3711 section 4.2). */
const rolloverSuffix = new Uint8Array(4);

interface CipherAndMac {
  readonly cipher: BlockCipher;
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
    const prefixEnd = headerLength + prefixLength;
    const end = prefixEnd + payloadLength;
    copyBytes(arena, headerOffset, prefixEnd, out);
    const keystream = rtpKeystream(this.#rtp, out, rolloverCounter, prefixLength + payloadLength);
    xorBytes(out, headerLength, prefixLength, keystream, 0, out, headerLength);
    xorBytes(arena, payloadOffset, payloadLength, keystream, prefixLength, out, prefixEnd);
    const tag = rtpTag(this.#rtp, out, end, rolloverCounter);
    for (let i = 0; i < TAG_BYTES; i++) out[end + i] = tag[i]!;
    return end + TAG_BYTES;
  }

  unprotectRtp(packet: Uint8Array, headerLength: number, rolloverCounter: number): number {
    const end = packet.length - TAG_BYTES;
    if (!equalInConstantTime(packet, end, rtpTag(this.#rtp, packet, end, rolloverCounter), TAG_BYTES)) return -1;
    const payloadLength = end - headerLength;
    const keystream = rtpKeystream(this.#rtp, packet, rolloverCounter, payloadLength);
    xorBytes(packet, headerLength, payloadLength, keystream, 0, packet, headerLength);
    return end;
  }

  protectRtcp(compound: Uint8Array, index: number, out: Uint8Array): number {
    const end = compound.length;
    const textLength = end - RTCP_HEADER_BYTES;
    copyBytes(compound, 0, RTCP_HEADER_BYTES, out);
    const keystream = rtcpKeystream(this.#rtcp, out, index, textLength);
    xorBytes(compound, RTCP_HEADER_BYTES, textLength, keystream, 0, out, RTCP_HEADER_BYTES);
    writeUint32(out, end, SRTCP_ENCRYPTED_FLAG | index);
    const tagOffset = end + SRTCP_INDEX_BYTES;
    const tag = this.#rtcp.mac.digest(out, tagOffset);
    for (let i = 0; i < TAG_BYTES; i++) out[tagOffset + i] = tag[i]!;
    return tagOffset + TAG_BYTES;
  }

  unprotectRtcp(packet: Uint8Array): number {
    const tagOffset = packet.length - TAG_BYTES;
    if (!equalInConstantTime(packet, tagOffset, this.#rtcp.mac.digest(packet, tagOffset), TAG_BYTES)) return -1;
    const end = tagOffset - SRTCP_INDEX_BYTES;
    const textLength = end - RTCP_HEADER_BYTES;
    const index = readUint32(packet, end) & ~SRTCP_ENCRYPTED_FLAG;
    const keystream = rtcpKeystream(this.#rtcp, packet, index, textLength);
    xorBytes(packet, RTCP_HEADER_BYTES, textLength, keystream, 0, packet, RTCP_HEADER_BYTES);
    return end;
  }
}

function createCipherAndMac({ cipherKey, authKey, salt }: SessionKeys): CipherAndMac {
  return { cipher: createBlockCipher(createSecretKey(cipherKey)), mac: new HmacSha1(authKey), salt };
}

function rtpTag({ mac }: CipherAndMac, packet: Uint8Array, end: number, rolloverCounter: number): Uint8Array {
  writeUint32(rolloverSuffix, 0, rolloverCounter);
  return mac.digest(packet, end, rolloverSuffix);
}

function rtpKeystream(keys: CipherAndMac, header: Uint8Array, rolloverCounter: number, textLength: number): Uint8Array {
  writeRtpIv(keystreams.iv, keys.salt, IV_SSRC_OFFSET, header, rolloverCounter);
  return keystreams.generate(keys.cipher, textLength);
}

function rtcpKeystream(keys: CipherAndMac, header: Uint8Array, index: number, textLength: number): Uint8Array {
  writeRtcpIv(keystreams.iv, keys.salt, IV_SSRC_OFFSET, header, index);
  return keystreams.generate(keys.cipher, textLength);
}
