import {
  type CreatePlane,
  createTypeScriptPlane,
  nativePlaneSupport,
  openPacketIo,
  type PlaneKind,
} from '@rtcd/packet-io';
import { createSimulatedNetwork, packetPlaneContract } from '@rtcd/packet-io/testing';
import { describe, expect, it } from 'vitest';

const addresses = [{ address: '127.0.0.1', port: 0 }];

const { isAvailable, reason } = nativePlaneSupport();
if (!isAvailable) console.log(`the native packet plane is not tested: ${reason}`);

it('has the native plane if REQUIRE_NATIVE_PLANE is set', () => {
  expect(isAvailable || !process.env.REQUIRE_NATIVE_PLANE).toBe(true);
});

describe.each<PlaneKind>(isAvailable ? ['typescript', 'native'] : ['typescript'])('the %s plane', (plane) => {
  describe('on UDP sockets', () => {
    packetPlaneContract({ describe, it }, (options) => openPacketIo({ ...options, addresses, plane }));
  });

  describe('on TCP connections', () => {
    packetPlaneContract({ describe, it }, (options) =>
      openPacketIo({ ...options, addresses: [], tcp: { addresses }, plane }),
    );
  });
});

describe('the simulated network', () => {
  const network = createSimulatedNetwork();
  let hosts = 0;
  const nextHost = () => [{ address: `10.0.${hosts >> 8}.${hosts++ & 255}`, port: 5000 }];
  packetPlaneContract({ describe, it }, (options) => network.open({ ...options, addresses: nextHost() }));

  describe('over TCP', () => {
    packetPlaneContract({ describe, it }, (options) =>
      network.open({ ...options, addresses: [], tcpAddresses: nextHost() }),
    );
  });
});

describe('a plane from a factory', () => {
  it('gets the limit of slots, and sends the packets', async () => {
    let sends = 0;
    const createPlane: CreatePlane = (parts) => {
      expect(parts.maxSlots).toBe(7);
      const plane = createTypeScriptPlane(parts);
      return {
        openSlot: (path, keys) => plane.openSlot(path, keys),
        moveSlot: (slot, path) => plane.moveSlot(slot, path),
        closeSlot: (slot) => plane.closeSlot(slot),
        send: (arena, descriptors, count) => {
          sends += count;
          plane.send(arena, descriptors, count);
        },
        sendRtcp: (slot, compound) => plane.sendRtcp(slot, compound),
        createReceiver: (keys, limits) => plane.createReceiver(keys, limits),
        stats: () => plane.stats(),
      };
    };
    const io = await openPacketIo({ addresses, onPackets: () => {}, maxSlots: 7, createPlane });
    io.send(new Uint8Array(12), Uint32Array.of(0, 0, 0, 12, 0, 0, 0), 1);
    expect(sends).toBe(1);
    expect(io.stats().slotClosedDrops).toBe(1);
    await io.close();
  });
});
