import {
  createPacketPlane,
  DESCRIPTOR_WORDS,
  type PacketPlane,
  type Path,
  type SrtpKeys,
  type SrtpProfile,
} from '@rtcd/packet-io';

export const PROFILES: readonly SrtpProfile[] = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'];

export const SOMEWHERE: Path = { local: 0, address: '192.0.2.1', port: 5000 };

export function testKeys(profile: SrtpProfile, seed = 0): SrtpKeys {
  const masterKey = Uint8Array.from({ length: 16 }, (_, i) => seed + i);
  const masterSalt = Uint8Array.from({ length: profile === 'AEAD_AES_128_GCM' ? 12 : 14 }, (_, i) => seed + 0x80 + i);
  return { profile, masterKey, masterSalt };
}

/** An RTP packet with nothing but the fixed header and a payload that tells its sequence number. */
export function rtpPacket(sequenceNumber: number, ssrc = 0x11223344, payloadLength = 40): Uint8Array {
  const packet = new Uint8Array(12 + payloadLength).fill(sequenceNumber & 0xff, 12);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x806f);
  view.setUint16(2, sequenceNumber);
  view.setUint32(4, sequenceNumber * 960);
  view.setUint32(8, ssrc);
  return packet;
}

/** A receiver report of no sources, with some bytes behind it. */
export function rtcpPacket(ssrc = 0x11223344, bodyLength = 24): Uint8Array {
  const packet = new Uint8Array(8 + bodyLength).fill(0x5a, 8);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x80c9);
  view.setUint16(2, packet.length / 4 - 1);
  view.setUint32(4, ssrc);
  return packet;
}

/** One packet given whole: header and payload are next to each other in the arena. */
export function sendRtp(plane: PacketPlane, slot: number, packet: Uint8Array, rolloverCounter = 0, headerLength = 12) {
  const descriptor = new Uint32Array(DESCRIPTOR_WORDS);
  descriptor.set([slot, rolloverCounter, 0, headerLength, 0, headerLength, packet.length - headerLength]);
  plane.send(packet, descriptor, 1);
}

/** Protects packets of any order under one key, and hands them back instead of sending. */
export function createProtector(keys: SrtpKeys) {
  let last = new Uint8Array(0);
  const plane = createPacketPlane({
    transmit: (datagram) => {
      last = datagram.slice();
    },
  });
  const path = plane.openPath(SOMEWHERE);
  const slot = plane.openSlot(path, keys);
  return {
    rtp(packet: Uint8Array, rolloverCounter = 0, headerLength = 12): Uint8Array {
      // A slot of its own: one does not go back to indices that are far behind.
      const once = plane.openSlot(path, keys);
      sendRtp(plane, once, packet, rolloverCounter, headerLength);
      plane.closeSlot(once);
      return last;
    },
    rtcp(compound: Uint8Array): Uint8Array {
      plane.sendRtcp(slot, compound);
      return last;
    },
  };
}

/** The receiving side of the same keys, with the plane that counts for it. */
export function createUnprotector(keys: SrtpKeys, limits?: { maxSsrcs?: number }) {
  const plane = createPacketPlane({ transmit: () => {} });
  return { receiver: plane.createReceiver(keys, limits), stats: () => plane.stats() };
}
