import { expect, it } from 'vitest';
import { Permissions } from './permissions.ts';

const addressOf = (index: number) => `198.18.${index >> 8}.${index & 255}`;

it('are bounded, and those in use stay, however many addresses peers name', () => {
  const permissions = new Permissions();
  permissions.ask('192.0.2.1', 0);
  permissions.use('192.0.2.1');
  for (let index = 0; index < 10_000; index++) permissions.ask(addressOf(index), 0);
  expect(permissions.size).toBe(4096);
  expect(['192.0.2.1', addressOf(0), addressOf(9_999)].map((address) => permissions.use(address))).toEqual([
    true,
    false,
    true,
  ]);
});

it('are not asked for while all that there may be are in use, until some have expired', () => {
  const permissions = new Permissions();
  for (let index = 0; index < 4096; index++) {
    permissions.ask(addressOf(index), 0);
    permissions.created(addressOf(index), 0);
    permissions.use(addressOf(index));
  }
  expect(permissions.ask('192.0.2.1', 0)).toBe(false);
  permissions.sweep(300_000);
  expect(permissions.size).toBe(0);
  expect(permissions.ask('192.0.2.1', 300_000)).toBe(true);
});
