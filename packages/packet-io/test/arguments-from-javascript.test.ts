import { expect, it } from 'vitest';
import { createPacketPlane, openPacketIo, type PacketIoOptions, type PacketPlaneOptions } from '../src/index.ts';

const addresses = [{ address: '127.0.0.1', port: 0 }];
const onDatagram = () => {};
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
  ['onDatagram', { addresses }],
  ['onError', { addresses, onDatagram, onError: true }],
  ['maxSlots', { addresses, onDatagram, maxSlots: 0 }],
  ['receiveBufferBytes', { addresses, onDatagram, receiveBufferBytes: '4M' }],
  ['addresses', { onDatagram }, 'invalid_address'],
  ['0.port', { addresses: [{ address: '127.0.0.1', port: 70_000 }], onDatagram }, 'invalid_address'],
  ['0.port', { addresses: [{ address: '127.0.0.1', port: '0' }], onDatagram }, 'invalid_address'],
  ['0.address', { addresses: [{ port: 0 }], onDatagram }, 'invalid_address'],
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

it.each<[string, unknown, unknown, string]>([
  ['path', undefined, keys, 'invalid_path'],
  ['address', { local: 0, port: 1 }, keys, 'invalid_path'],
  ['port', { ...path, port: '1' }, keys, 'invalid_path'],
  ['local', { ...path, local: -1 }, keys, 'invalid_path'],
  ['keys', path, undefined, 'invalid_keys'],
  ['profile', path, { ...keys, profile: 'NULL' }, 'invalid_keys'],
  ['masterKey', path, { ...keys, masterKey: 'k'.repeat(16) }, 'invalid_keys'],
  ['masterSalt', path, { ...keys, masterSalt: undefined }, 'invalid_keys'],
])('a slot and a receiver name %s if it is wrong', (field, slotPath, slotKeys, code) => {
  const plane = createPacketPlane({ transmit: () => {} });
  expect(() => plane.openSlot(slotPath as never, slotKeys as never)).toThrow(refused(code, field));
  if (code === 'invalid_keys') expect(() => plane.createReceiver(slotKeys as never)).toThrow(refused(code, field));
});

it('a receiver names maxSsrcs if it is wrong', () => {
  const plane = createPacketPlane({ transmit: () => {} });
  for (const maxSsrcs of [0, -1, '256']) {
    expect(() => plane.createReceiver(keys as never, { maxSsrcs } as never)).toThrow(
      refused('invalid_option', 'maxSsrcs'),
    );
  }
});
