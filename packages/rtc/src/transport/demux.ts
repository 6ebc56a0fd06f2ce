/** Protocols that a peer's transport speaks. */
export type TransportProtocol = 'stun' | 'dtls' | 'rtp' | 'rtcp';
export type DatagramKind = TransportProtocol | 'unknown';

//              +----------------+
//              |        [0..3] -+--> STUN
//              |      [16..19] -+--> ZRTP
//  datagram -->|      [20..63] -+--> DTLS
//              |      [64..79] -+--> TURN channel
//              |    [128..191] -+--> RTP or RTCP
//              +----------------+

/**
 * Finds a datagram's protocol by its first byte (RFC 7983 section 7), and RTP from RTCP by the payload type field
 * (RFC 5761 section 4): 64 to 95, with the bit in front of it 192 to 223. A guess that each protocol's parser must confirm.
 */
export function classify(datagram: Uint8Array): DatagramKind {
  if (datagram.length < 2) return 'unknown';
  const first = datagram[0]!;
  if (first < 4) return 'stun';
  if (first < 20) return 'unknown';
  if (first < 64) return 'dtls';
  if (first < 128 || first > 191) return 'unknown';
  return datagram[1]! >= 192 && datagram[1]! <= 223 ? 'rtcp' : 'rtp';
}
