import type { LocalAddress } from '@rtcd/packet-io';
import { expect, it } from 'vitest';
import { silentLogger } from '../ports.ts';
import { AddressLog } from './address-log.ts';

const SERVER = 'stun:stun.example.com';
const LAN: LocalAddress = { protocol: 'udp', address: '10.0.0.2', port: 8443, family: 4 };
const answer = (mapped?: { address: string; port: number }) => [
  { local: LAN, server: SERVER, mapped, other: undefined },
];
const PUBLIC = { address: '203.0.113.7', port: 8443 };

it('reports the silence of a server, or that its name is unknown, once until it answers', () => {
  const messages: string[] = [];
  const log = new AddressLog({ ...silentLogger, warn: (_, message) => void messages.push(message) });
  for (let times = 0; times < 3; times++) log.serversAsked(answer());
  for (let times = 0; times < 3; times++) log.serverUnresolved(SERVER, 'ENOTFOUND');
  expect(messages).toHaveLength(2);
  log.serversAsked(answer(PUBLIC));
  log.serversAsked(answer());
  log.serverUnresolved(SERVER, 'ENOTFOUND');
  expect(messages).toHaveLength(4);
});
