import type { LocalAddress } from '@rtcd/packet-io';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { InterfaceAddress } from '../io/listen-addresses.ts';
import { silentLogger } from '../ports.ts';
import type { TransportAddress } from '../stun/address.ts';
import { BINDING } from '../stun/attributes.ts';
import { transactionIdOf } from '../stun/message.ts';
import { writeStunMessage } from '../stun/write.ts';
import { seededBytes } from '../testing/seeded-random.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { Advertising, type AdvertisingOptions } from './advertising.ts';

const LAN: LocalAddress = { protocol: 'udp', address: '10.0.0.2', port: 8443, family: 4 };
const LOOPBACK: LocalAddress = { protocol: 'udp', address: '127.0.0.1', port: 8443, family: 4 };
const PUBLIC = { address: '203.0.113.7', port: 8443 };
const STUN_SERVERS = ['stun:198.51.100.1', 'stun:198.51.100.2:3479'];

let time: VirtualTime;
let lines: Array<{ readonly message: string; readonly [field: string]: unknown }>;
/** The machine as the test has it. */
let machine: InterfaceAddress[];
/** Address under which the server with this address sees a socket; undefined: it does not answer. */
let answer: (server: string, local: LocalAddress) => TransportAddress | undefined;

beforeEach(() => {
  time = new VirtualTime();
  lines = [];
  machine = [
    { interfaceName: 'lo', address: '127.0.0.1' },
    { interfaceName: 'eth0', address: '10.0.0.2' },
  ];
  answer = () => undefined;
});

const log = (fields: object, message: string) => void lines.push({ message, ...fields });

async function start(locals: readonly LocalAddress[], options: Partial<AdvertisingOptions> = {}) {
  const advertising = await Advertising.prepare({
    overrides: { host: '', port: '' },
    stunServers: STUN_SERVERS,
    interfaceAddresses: () => machine,
    lookup: async () => [],
    random: seededBytes(1),
    clock: virtualClock(time),
    logger: { ...silentLogger, info: log, warn: log },
    ...options,
  });
  onTestFinished(() => advertising.close());
  const paths: Array<{ readonly local: number; readonly address: string }> = [];
  const starting = advertising.start({
    localAddresses: locals,
    openPath: (path) => paths.push(path) - 1,
    releasePath: () => {},
    transmit: (request, number) => {
      const { local, address } = paths[number]!;
      const transactionId = Uint8Array.from(transactionIdOf(Buffer.from(request)));
      time.schedule(time.nowMs + 20, () => {
        const xorMappedAddress = answer(address, locals[local]!);
        if (xorMappedAddress === undefined) return;
        advertising.receive(
          writeStunMessage({ messageClass: 'success', method: BINDING, transactionId, xorMappedAddress }),
        );
      });
    },
  });
  await passUntil(starting);
  return advertising;
}

async function passUntil(promise: Promise<unknown>): Promise<void> {
  let isSettled = false;
  promise.finally(() => {
    isSettled = true;
  });
  await settle();
  while (!isSettled) {
    time.runFor(10);
    await settle();
  }
}

async function pass(durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 500) {
    time.runFor(500);
    await settle();
  }
}

const settle = () => new Promise(setImmediate);

const advertised = (advertising: Advertising) =>
  advertising.candidates.map(({ type, address, port }) => `${type} ${address}:${port}`);

describe('the log at the start', () => {
  it('has a line for each address of the machine, with what is advertised for it and why', async () => {
    machine.push(
      { interfaceName: 'docker0', address: '172.17.0.1', ignored: 'ignored_interface' },
      { interfaceName: 'eth0', address: '2001:db8::2', ignored: 'ipv6_disabled' },
      { interfaceName: 'eth1', address: '10.9.0.2' },
    );
    answer = (_, local) => (local === LAN ? PUBLIC : undefined);
    await start([LOOPBACK, LAN]);
    expect(lines.filter(({ message }) => message.startsWith('address '))).toEqual([
      {
        message: 'address advertised',
        interface: 'lo',
        local: 'udp 127.0.0.1:8443',
        advertised: ['127.0.0.1:8443'],
        reason: 'loopback, for peers on this machine',
      },
      {
        message: 'address advertised',
        interface: 'eth0',
        local: 'udp 10.0.0.2:8443',
        advertised: ['10.0.0.2:8443', '203.0.113.7:8443'],
        reason: 'address of this machine, and the one that a STUN server sees',
      },
      {
        message: 'address ignored',
        interface: 'docker0',
        local: '172.17.0.1',
        reason: 'the interface is in ice_ignored_interfaces',
      },
      { message: 'address ignored', interface: 'eth0', local: '2001:db8::2', reason: 'enable_ipv6 is off' },
      { message: 'address ignored', interface: 'eth1', local: '10.9.0.2', reason: 'no socket could be bound to it' },
    ]);
  });

  it('has the external address and port of an override', async () => {
    await start([LOOPBACK, LAN], { overrides: { host: '203.0.113.9', port: '443' } });
    expect(lines).toContainEqual({
      message: 'address advertised',
      interface: 'eth0',
      local: 'udp 10.0.0.2:8443',
      advertised: ['203.0.113.9:443'],
      reason: 'replaced by ice_host_override',
    });
  });
});

describe('a public address', () => {
  it('is asked for again, and sessions that start after a change get the new one', async () => {
    answer = () => PUBLIC;
    const advertising = await start([LAN]);
    expect(advertised(advertising)).toEqual(['host 10.0.0.2:8443', 'srflx 203.0.113.7:8443']);
    const linesBefore = lines.length;
    await pass(60_000);
    expect(lines).toHaveLength(linesBefore);
    answer = () => ({ address: '203.0.113.8', port: 40_000 });
    await pass(30_000);
    expect(advertised(advertising)).toEqual(['host 10.0.0.2:8443', 'srflx 203.0.113.8:40000']);
    expect(lines.slice(linesBefore)).toMatchObject([
      { message: 'address advertised', advertised: ['10.0.0.2:8443', '203.0.113.8:40000'] },
    ]);
  });

  it('stays when the servers are silent for a while, which is reported once', async () => {
    answer = () => PUBLIC;
    const advertising = await start([LAN]);
    answer = () => undefined;
    await pass(120_000);
    expect(advertised(advertising)).toContain('srflx 203.0.113.7:8443');
    const warnings = lines.filter(({ message }) => message.startsWith('no answer'));
    expect(warnings.map(({ server }) => server)).toEqual(STUN_SERVERS);
  });

  it('is the one of the server that answers first', async () => {
    answer = (server) => ({ address: server === '198.51.100.1' ? '203.0.113.1' : '203.0.113.2', port: 8443 });
    expect(advertised(await start([LAN]))).toEqual(['host 10.0.0.2:8443', 'srflx 203.0.113.1:8443']);
  });

  it.each([
    ['of the other family', { address: '2001:db8::7', port: 8443 }],
    ['with port 0', { address: '203.0.113.7', port: 0 }],
    ['that is unspecified', { address: '0.0.0.0', port: 8443 }],
  ])('is none %s', async (_, useless) => {
    answer = (server) => (server === '198.51.100.1' ? useless : PUBLIC);
    expect(advertised(await start([LAN]))).toEqual(['host 10.0.0.2:8443', 'srflx 203.0.113.7:8443']);
  });

  it('is waited for 5 s at the start, and found later', async () => {
    let isAnswering = false;
    answer = () => (isAnswering ? PUBLIC : undefined);
    const advertising = await start([LAN]);
    expect(time.nowMs).toBe(5_000);
    expect(advertised(advertising)).toEqual(['host 10.0.0.2:8443']);
    isAnswering = true;
    await pass(30_000);
    expect(advertised(advertising)).toContain('srflx 203.0.113.7:8443');
  });
});

describe('an address of this machine', () => {
  it('that is gone is not advertised to new sessions, until it is back', async () => {
    answer = (_, local) => (local === LAN ? PUBLIC : undefined);
    const advertising = await start([LOOPBACK, LAN]);
    const before = [...machine];
    machine = machine.slice(0, 1);
    answer = () => undefined;
    await pass(60_000);
    expect(advertised(advertising)).toEqual(['host 127.0.0.1:8443']);
    expect(lines).toContainEqual({ message: 'address gone', local: 'udp 10.0.0.2:8443' });
    machine = before;
    await pass(60_000);
    expect(advertised(advertising)).toContain('host 10.0.0.2:8443');
  });

  it('stays advertised while the system does not list the addresses, and is looked at again', async () => {
    let isListed = true;
    const interfaceAddresses = () => {
      if (!isListed) throw new Error('EMFILE');
      return machine;
    };
    const advertising = await start([LOOPBACK, LAN], { interfaceAddresses, stunServers: [] });
    isListed = false;
    await pass(30_000);
    expect(advertised(advertising)).toContain('host 10.0.0.2:8443');
    expect(lines).toContainEqual({ message: 'addresses of this machine not listed', reason: 'EMFILE' });
    isListed = true;
    machine = machine.slice(0, 1);
    await pass(30_000);
    expect(advertised(advertising)).toEqual(['host 127.0.0.1:8443']);
  });

  it('is advertised if the machine seems to have none of them', async () => {
    const advertising = await start([LAN], { stunServers: [] });
    machine = [{ interfaceName: 'eth0', address: '10.0.0.99' }];
    await pass(30_000);
    expect(advertised(advertising)).toEqual(['host 10.0.0.2:8443']);
  });
});

it('asks nothing once closed', async () => {
  let asked = 0;
  answer = () => {
    asked++;
    return PUBLIC;
  };
  const advertising = await start([LAN]);
  advertising.close();
  const before = asked;
  await pass(120_000);
  expect(asked).toBe(before);
});

describe('TCP sockets', () => {
  const tcp = (local: LocalAddress): LocalAddress => ({ ...local, protocol: 'tcp' });
  const protocols = ({ candidates }: Advertising) =>
    candidates.map(({ protocol, type, address, port }) => `${protocol} ${type} ${address}:${port}`);

  it('are advertised behind those of UDP, under the same overrides', async () => {
    const overrides = { host: '203.0.113.9', port: '443' };
    const locals = [LAN, LOOPBACK, tcp(LAN), tcp(LOOPBACK)];
    expect(protocols(await start(locals, { overrides }))).toEqual([
      'udp host 203.0.113.9:443',
      'udp host 127.0.0.1:8443',
      'tcp host 203.0.113.9:443',
      'tcp host 127.0.0.1:8443',
    ]);
    const one = await start([LOOPBACK, tcp(LOOPBACK)], { overrides });
    expect(protocols(one)).toEqual(['udp host 203.0.113.9:443', 'tcp host 203.0.113.9:443']);
  });

  it('have the public address of the UDP socket beside them, if the NAT keeps its port', async () => {
    answer = () => PUBLIC;
    expect(protocols(await start([LAN, tcp(LAN)]))).toEqual([
      'udp host 10.0.0.2:8443',
      'udp srflx 203.0.113.7:8443',
      'tcp host 10.0.0.2:8443',
      'tcp srflx 203.0.113.7:8443',
    ]);
    answer = () => ({ ...PUBLIC, port: 30_000 });
    expect(protocols(await start([LAN, tcp(LAN)]))).toEqual([
      'udp host 10.0.0.2:8443',
      'udp srflx 203.0.113.7:30000',
      'tcp host 10.0.0.2:8443',
    ]);
  });

  it('have lines of their own in the log', async () => {
    await start([LAN, tcp(LAN)], { stunServers: [] });
    const sockets = lines.filter(({ message }) => message === 'address advertised').map(({ local }) => local);
    expect(sockets).toEqual(['udp 10.0.0.2:8443', 'tcp 10.0.0.2:8443']);
  });
});
