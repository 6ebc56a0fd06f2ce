/**
 * A cryptographic transform in the sense of RFC 3711 section 3.2.1: what one profile's session keys do to packets. It trusts the
 * lengths it is given; the caller has checked them. No two packets with one SSRC and index may differ.
 */
export interface SrtpTransform {
  /** Bytes that protection adds to an RTP packet. */
  readonly rtpOverhead: number;
  /** Bytes that protection adds to an RTCP packet. */
  readonly rtcpOverhead: number;
  /** Offset of the SRTCP index word, counted from the packet's end. */
  readonly rtcpIndexFromEnd: number;
  /**
   * Writes the protected packet to `out` and returns its length. The payload is in two parts: `prefixLength` bytes directly behind the
   * header, then `payloadLength` bytes at `payloadOffset`.
   */
  protectRtp(
    arena: Uint8Array,
    headerOffset: number,
    headerLength: number,
    prefixLength: number,
    payloadOffset: number,
    payloadLength: number,
    rolloverCounter: number,
    out: Uint8Array,
  ): number;
  protectRtcp(compound: Uint8Array, index: number, out: Uint8Array): number;
  /** Authenticates, then decrypts in place. Returns the plain packet's length, or -1 with the packet as it was. */
  unprotectRtp(packet: Uint8Array, headerLength: number, rolloverCounter: number): number;
  unprotectRtcp(packet: Uint8Array): number;
}
