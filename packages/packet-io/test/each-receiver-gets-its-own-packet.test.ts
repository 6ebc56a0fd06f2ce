import { createPacketPlane, DESCRIPTOR_WORDS, MAX_PACKET_BYTES, PacketIoError, type Path } from '@rtcd/packet-io';
import { beforeEach, describe, expect, it } from 'vitest';
import { createUnprotector, PROFILES, rtcpPacket, rtpPacket, SOMEWHERE, sendRtp, testKeys } from './packets.ts';

const GCM = testKeys('AEAD_AES_128_GCM');

interface Sent {
  datagram: Uint8Array;
  path: Path;
}

let sent: Sent[];
beforeEach(() => {
  sent = [];
});

function createPlane(maxSlots?: number) {
  const transmit = (datagram: Uint8Array, path: Path) => sent.push({ datagram: datagram.slice(), path });
  return createPacketPlane({ transmit, ...(maxSlots !== undefined && { maxSlots }) });
}

function at(port: number): Path {
  return { ...SOMEWHERE, port };
}

/** The code of what `action` throws. */
function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof PacketIoError) return error.code;
    throw error;
  }
  return 'nothing';
}

describe('a fan-out', () => {
  it('goes to every slot under its own keys and header, from one payload', () => {
    const plane = createPlane();
    const receivers = Array.from({ length: 20 }, (_, i) => {
      const keys = testKeys(PROFILES[i % 2]!, i);
      return { slot: plane.openSlot(plane.openPath(at(1000 + i)), keys), receiver: createUnprotector(keys).receiver };
    });
    const payload = Uint8Array.from({ length: 100 }, (_, i) => i);
    const headers = receivers.map((_, i) => rtpPacket(500 + i, 0xabc0 + i, 0));
    const arena = Uint8Array.from([...payload, ...headers.flatMap((header) => [...header])]);
    const descriptors = Uint32Array.from(
      receivers.flatMap(({ slot }, i) => [slot, 0, payload.length + 12 * i, 12, 0, 0, payload.length]),
    );
    const before = arena.slice();
    plane.send(arena, descriptors, receivers.length);

    expect(arena).toEqual(before);
    expect(sent.map(({ path }) => path.port)).toEqual(receivers.map((_, i) => 1000 + i));
    for (const [i, { receiver }] of receivers.entries()) {
      const { datagram } = sent[i]!;
      expect(receiver.unprotectRtp(datagram)).toBe(112);
      expect(datagram.slice(0, 12)).toEqual(headers[i]);
      expect(datagram.slice(12, 112)).toEqual(payload);
    }
    const bytes = sent.reduce((sum, { datagram }) => sum + datagram.length, 0);
    expect(plane.stats()).toMatchObject({ slots: 20, rtpSent: 20, rtpSentBytes: bytes });
  });

  it('sends no more descriptors than requested', () => {
    const plane = createPlane();
    const slot = plane.openSlot(plane.openPath(at(1)), GCM);
    const descriptor = [slot, 0, 0, 12, 0, 12, 10];
    plane.send(rtpPacket(1), Uint32Array.from([...descriptor, ...descriptor]), 1);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['a header outside of the arena', [0, 0, 41, 12, 0, 0, 10]],
    ['a prefix outside of the arena', [0, 0, 0, 12, 41, 0, 10]],
    ['a payload outside of the arena', [0, 0, 0, 12, 0, 12, 41]],
    ['offsets that would overflow 32 bits', [0, 0, 0xffff_ffff, 12, 0, 0xffff_fff0, 0x20]],
    ['a header that is none', [0, 0, 0, 11, 0, 12, 10]],
  ])('throws for %s, and sends nothing of the call', (_, wrong) => {
    const plane = createPlane();
    plane.openSlot(plane.openPath(at(1)), GCM);
    const good = [0, 0, 0, 12, 0, 12, 40];
    expect(codeOf(() => plane.send(rtpPacket(1), Uint32Array.from([...good, ...wrong]), 2))).toBe('invalid_descriptor');
    expect(sent).toHaveLength(0);
  });

  it('throws for more descriptors than there are', () => {
    const descriptors = new Uint32Array(DESCRIPTOR_WORDS);
    expect(codeOf(() => createPlane().send(rtpPacket(1), descriptors, 2))).toBe('invalid_descriptor');
  });

  it('drops and counts packets that are too large or too small', () => {
    const plane = createPlane();
    const slot = plane.openSlot(plane.openPath(at(1)), GCM);
    sendRtp(plane, slot, rtpPacket(1, 1, MAX_PACKET_BYTES - 12 - 16));
    expect(sent).toHaveLength(1);
    sendRtp(plane, slot, rtpPacket(2, 1, MAX_PACKET_BYTES - 12 - 15));
    plane.sendRtcp(slot, rtcpPacket(1, MAX_PACKET_BYTES));
    plane.sendRtcp(slot, new Uint8Array(7));
    expect(sent).toHaveLength(1);
    expect(plane.stats().unsendableDrops).toBe(3);
  });
});

describe('a slot', () => {
  it('keeps its path when others open and release it', () => {
    const plane = createPlane();
    const first = plane.openPath(at(1));
    const slot = plane.openSlot(first, GCM);
    plane.releasePath(first);
    expect(plane.pathOf(first)).toEqual(at(1));
    const second = plane.openPath(at(2));
    plane.moveSlot(slot, second);
    expect(plane.pathOf(first)).toBeUndefined();
    plane.releasePath(second);
    plane.sendRtcp(slot, rtcpPacket());
    expect(sent.map(({ path }) => path.port)).toEqual([2]);
    plane.closeSlot(slot);
    expect(plane.pathOf(second)).toBeUndefined();
  });

  it('sends to where it was moved, and keeps its SRTCP index', () => {
    const plane = createPlane();
    const slot = plane.openSlot(plane.openPath(at(1)), GCM);
    plane.sendRtcp(slot, rtcpPacket());
    plane.moveSlot(slot, plane.openPath({ local: 1, address: '2001:db8::1', port: 2 }));
    plane.sendRtcp(slot, rtcpPacket());
    expect(sent.map(({ path }) => path)).toEqual([at(1), { local: 1, address: '2001:db8::1', port: 2 }]);

    const { receiver } = createUnprotector(GCM);
    const indices = sent.map(({ datagram }) => new DataView(datagram.buffer).getUint32(datagram.length - 4));
    expect(indices).toEqual([0x8000_0000, 0x8000_0001]);
    expect(sent.map(({ datagram }) => receiver.unprotectRtcp(datagram) > 0)).toEqual([true, true]);
  });

  it('drops and counts once it is closed, and so does its number when the place is used again', () => {
    const plane = createPlane();
    const slot = plane.openSlot(plane.openPath(at(1)), GCM);
    plane.closeSlot(slot);
    plane.closeSlot(slot);
    const next = plane.openSlot(plane.openPath(at(2)), GCM);
    sendRtp(plane, slot, rtpPacket(1));
    plane.sendRtcp(slot, rtcpPacket());
    plane.closeSlot(slot);
    expect(next).not.toBe(slot);
    expect(sent).toHaveLength(0);
    expect(plane.stats()).toMatchObject({ slots: 1, slotClosedDrops: 2 });

    sendRtp(plane, next, rtpPacket(1));
    expect(sent.map(({ path }) => path.port)).toEqual([2]);
  });

  it('is refused over the limit, until one closes', () => {
    const plane = createPlane(2);
    const first = plane.openSlot(plane.openPath(at(1)), GCM);
    plane.openSlot(plane.openPath(at(2)), GCM);
    expect(codeOf(() => plane.openSlot(plane.openPath(at(3)), GCM))).toBe('too_many_slots');
    plane.closeSlot(first);
    expect(codeOf(() => plane.openSlot(plane.openPath(at(3)), GCM))).toBe('nothing');
  });

  it('is refused for an invalid path or key', () => {
    const plane = createPlane();
    expect(codeOf(() => plane.openPath({ ...SOMEWHERE, address: 'example.org' }))).toBe('invalid_path');
    expect(codeOf(() => plane.openPath(at(0)))).toBe('invalid_path');
    expect(codeOf(() => plane.openPath(at(65_536)))).toBe('invalid_path');
    expect(codeOf(() => plane.openPath({ ...SOMEWHERE, local: -1 }))).toBe('invalid_path');
    expect(codeOf(() => plane.openSlot(77, GCM))).toBe('unknown_path');
    const path = plane.openPath(at(1));
    expect(codeOf(() => plane.openSlot(path, { ...GCM, masterSalt: new Uint8Array(14) }))).toBe('invalid_keys');
    expect(codeOf(() => plane.openSlot(path, { ...GCM, profile: 'NULL' as 'AEAD_AES_128_GCM' }))).toBe('invalid_keys');
    expect(codeOf(() => plane.createReceiver({ ...GCM, masterKey: new Uint8Array(15) }))).toBe('invalid_keys');
    expect(codeOf(() => plane.moveSlot(77, path))).toBe('unknown_slot');
    const slot = plane.openSlot(path, GCM);
    expect(codeOf(() => plane.moveSlot(slot, path + 1))).toBe('unknown_path');
    plane.closeSlot(slot);
    expect(plane.stats().slots).toBe(0);
  });
});
