import { randomBytes } from 'node:crypto';
import { createPacketPlane, DESCRIPTOR_WORDS, type SrtpKeys, type SrtpProfile } from '@rtcd/packet-io';
import { describe, expect, it } from 'vitest';
import { RtpHeader, RtpPacket, SrtcpSession, SrtpSession } from 'werift';

const PROFILES = [
  ['AEAD_AES_128_GCM', 7, 12],
  ['AES_CM_128_HMAC_SHA1_80', 1, 14],
] as const satisfies readonly (readonly [SrtpProfile, number, number])[];

const SSRC = 0xcafe_f00d;
const CYCLE = 0x10000;

function rtpHeader(sequenceNumber: number): RtpHeader {
  return new RtpHeader({ ssrc: SSRC, sequenceNumber, timestamp: sequenceNumber * 960, payloadType: 111 });
}

/** A receiver report of no sources. */
function receiverReport(): Buffer {
  const report = Buffer.from('80c9000100000000', 'hex');
  report.writeUInt32BE(SSRC, 4);
  return report;
}

/** Ours on one side and werift's on the other, with the keys of both directions. */
function createPair(profile: SrtpProfile, profileNumber: number, saltBytes: number) {
  const createKeys = (): SrtpKeys => ({ profile, masterKey: randomBytes(16), masterSalt: randomBytes(saltBytes) });
  const ours = createKeys();
  const theirs = createKeys();
  const config = {
    profile: profileNumber,
    keys: {
      localMasterKey: Buffer.from(theirs.masterKey),
      localMasterSalt: Buffer.from(theirs.masterSalt),
      remoteMasterKey: Buffer.from(ours.masterKey),
      remoteMasterSalt: Buffer.from(ours.masterSalt),
    },
  };
  const sent: Buffer[] = [];
  const plane = createPacketPlane({ transmit: (datagram) => sent.push(Buffer.from(datagram)) });
  const slot = plane.openSlot(plane.openPath({ local: 0, address: '192.0.2.1', port: 5000 }), ours);
  return {
    srtp: new SrtpSession(config),
    srtcp: new SrtcpSession(config),
    receiver: plane.createReceiver(theirs),
    protectRtp(packet: Buffer, rolloverCounter: number): Buffer {
      const descriptor = new Uint32Array(DESCRIPTOR_WORDS);
      descriptor.set([slot, rolloverCounter, 0, 12, 0, 12, packet.length - 12]);
      plane.send(packet, descriptor, 1);
      return sent.at(-1)!;
    },
    protectRtcp(compound: Buffer): Buffer {
      plane.sendRtcp(slot, compound);
      return sent.at(-1)!;
    },
  };
}

describe.each(PROFILES)('SRTP with werift under %s', (profile, profileNumber, saltBytes) => {
  /** Voice, video, and across the end of a cycle. */
  const packets = [
    [CYCLE - 2, 80],
    [CYCLE - 1, 1150],
    [CYCLE, 160],
    [CYCLE + 1, 1],
    [CYCLE + 2, 500],
  ] as const;

  it('is understood there', () => {
    const { srtp, protectRtp } = createPair(profile, profileNumber, saltBytes);
    for (const [index, size] of packets) {
      const payload = randomBytes(size);
      const packet = new RtpPacket(rtpHeader(index % CYCLE), payload).serialize();
      expect(srtp.decrypt(protectRtp(packet, Math.floor(index / CYCLE)))).toEqual(packet);
    }
  });

  it('is understood here', () => {
    const { srtp, receiver } = createPair(profile, profileNumber, saltBytes);
    for (const [index, size] of packets) {
      const payload = randomBytes(size);
      const header = rtpHeader(index % CYCLE);
      const packet = new RtpPacket(header, payload).serialize();
      const wire = srtp.encrypt(payload, header);
      expect(receiver.unprotectRtp(wire)).toBe(packet.length);
      expect(wire.subarray(0, packet.length)).toEqual(packet);
    }
  });

  it('carries RTCP both ways', () => {
    const { srtcp, receiver, protectRtcp } = createPair(profile, profileNumber, saltBytes);
    for (let i = 0; i < 3; i++) {
      const report = receiverReport();
      expect(srtcp.decrypt(protectRtcp(report))).toEqual(report);
      const wire = srtcp.encrypt(report);
      expect(receiver.unprotectRtcp(wire)).toBe(report.length);
      expect(wire.subarray(0, report.length)).toEqual(report);
    }
  });
});
