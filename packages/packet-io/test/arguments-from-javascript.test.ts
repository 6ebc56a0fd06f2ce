import { expect, it } from 'vitest';
import { createPacketPlane, openPacketIo, type PacketIoOptions, type PacketPlaneOptions } from '../src/index.ts';

const addresses = [{ address: '127.0.0.1', port: 0 }];
const onPackets = () => {};
const keys = { profile: 'AEAD_AES_128_GCM', masterKey: new Uint8Array(16), masterSalt: new Uint8Array(12) };
const path = { local: 0, address: '127.0.0.1', port: 1 };

const refused = (code: string, field: string) =>
  expect.objectContaining({
    name: 'PacketIoError',
    code,
    message: expect.stringContaining(`invalid ${field} value: should be `),
  });

it.each<[string, unknown, string?]>([
  ['options', undefined],
  ['onPackets', { addresses }],
  ['onError', { addresses, onPackets, onError: true }],
  ['maxSlots', { addresses, onPackets, maxSlots: 0 }],
  ['createPlane', { addresses, onPackets, createPlane: {} }],
  ['plane', { addresses, onPackets, plane: 'rust' }],
  ['receiveBufferBytes', { addresses, onPackets, receiveBufferBytes: '4M' }],
  ['addresses', { onPackets }, 'invalid_address'],
  ['0.port', { addresses: [{ address: '127.0.0.1', port: 70_000 }], onPackets }, 'invalid_address'],
  ['0.port', { addresses: [{ address: '127.0.0.1', port: '0' }], onPackets }, 'invalid_address'],
  ['0.address', { addresses: [{ port: 0 }], onPackets }, 'invalid_address'],
])('openPacketIo names %s if it is wrong', async (field, options, code = 'invalid_option') => {
  await expect(openPacketIo(options as PacketIoOptions)).rejects.toEqual(refused(code, field));
});

it.each<[string, unknown]>([
  ['options', null],
  ['transmit', {}],
  ['maxSlots', { transmit: () => {}, maxSlots: -1 }],
])('createPacketPlane names %s if it is wrong', (field, options) => {
  expect(() => createPacketPlane(options as PacketPlaneOptions)).toThrow(refused('invalid_option', field));
});

it.each<[string, unknown]>([
  ['path', undefined],
  ['address', { local: 0, port: 1 }],
  ['port', { ...path, port: '1' }],
  ['local', { ...path, local: -1 }],
])('openPath names %s if it is wrong', (field, wrong) => {
  const plane = createPacketPlane({ transmit: () => {} });
  expect(() => plane.openPath(wrong as never)).toThrow(refused('invalid_path', field));
});

it.each([undefined, null, -1, 0.5, Number.NaN, '0', {}, path])('a slot refuses %s as the number of a path', (wrong) => {
  const plane = createPacketPlane({ transmit: () => {} });
  plane.openPath(path);
  expect(() => plane.openSlot(wrong as never, keys as never)).toThrow(
    expect.objectContaining({ code: 'unknown_path' }),
  );
});

it.each<[string, unknown]>([
  ['keys', undefined],
  ['profile', { ...keys, profile: 'NULL' }],
  ['masterKey', { ...keys, masterKey: 'k'.repeat(16) }],
  ['masterSalt', { ...keys, masterSalt: undefined }],
])('a slot and a receiver name %s if it is wrong', (field, wrong) => {
  const plane = createPacketPlane({ transmit: () => {} });
  expect(() => plane.openSlot(plane.openPath(path), wrong as never)).toThrow(refused('invalid_keys', field));
  expect(() => plane.createReceiver(wrong as never)).toThrow(refused('invalid_keys', field));
});

it('a receiver names maxSsrcs if it is wrong', () => {
  const plane = createPacketPlane({ transmit: () => {} });
  for (const maxSsrcs of [0, -1, '256']) {
    expect(() => plane.createReceiver(keys as never, { maxSsrcs } as never)).toThrow(
      refused('invalid_option', 'maxSsrcs'),
    );
  }
});
