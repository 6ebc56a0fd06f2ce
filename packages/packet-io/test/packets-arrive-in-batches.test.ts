import { eachPacket, RECEIVED_WORDS } from '@rtcd/packet-io';
import { expect, it } from 'vitest';

const ARENA = Uint8Array.from({ length: 100 }, (_, i) => i);

it('eachPacket passes each packet of a batch on, in place', () => {
  const seen: [number, number[]][] = [];
  const onPackets = eachPacket((packet, path) => {
    seen.push([path, [...packet]]);
    packet[0] = 200;
  });
  const arena = ARENA.slice();
  onPackets(arena, Uint32Array.of(7, 10, 3, 0, 8, 20, 0, 0, 7, 99, 1, 0, 9, 0, 1, 0), 3);
  expect(seen).toEqual([
    [7, [10, 11, 12]],
    [8, []],
    [7, [99]],
  ]);
  expect([arena[10], arena[99], arena[0]]).toEqual([200, 200, 0]);
});

it('eachPacket makes no view of an arena that is one packet', () => {
  const seen: Uint8Array[] = [];
  eachPacket((packet) => seen.push(packet))(ARENA, Uint32Array.of(7, 0, ARENA.length, 0), 1);
  expect(seen[0]).toBe(ARENA);
});

it('eachPacket passes on no more descriptors than requested', () => {
  const seen: number[] = [];
  eachPacket((_, path) => seen.push(path))(ARENA, new Uint32Array(2 * RECEIVED_WORDS), 1);
  expect(seen).toEqual([0]);
});
