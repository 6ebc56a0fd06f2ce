import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify, type DatagramKind } from '../src/transport/demux.ts';

const STRANGER = { address: '203.0.113.9', port: 4444 };

let call: SimulatedCall;
let alice: Participant;
let bob: Participant;
/** All that travelled while alice and bob joined and spoke, as somebody on the path sees it. */
let seen: ObservedDatagram[];
const failures: unknown[] = [];

beforeEach(async () => {
  seen = [];
  failures.length = 0;
  const logger = {
    debug() {},
    info() {},
    warn() {},
    error: (fields: object) => failures.push(fields),
    child: () => logger,
  };
  call = await SimulatedCall.start({ delayMs: 10, onTransmit: (observed) => seen.push(observed), sfu: { logger } });
  alice = await call.join('alice');
  bob = await call.join('bob');
  call.time.runFor(500);
  call.speak([alice, bob], 400);
});

afterEach(() => call.close());

const fromBob = (kind: DatagramKind) =>
  seen.filter(({ from, datagram }) => from.address === '198.18.0.2' && classify(datagram) === kind);

const bobsAddress = () => fromBob('rtp')[0]!.from;

/** Alice and Bob still hear each other, nothing was thrown, and nobody was added or lost. */
function expectUnharmed(): void {
  const before = [bob.received('alice')!.packets, alice.received('bob')!.packets];
  call.time.runFor(100);
  call.speak([alice, bob], 200);
  call.time.runFor(100);
  expect([bob.received('alice')!.packets, alice.received('bob')!.packets]).toEqual(before.map((count) => count + 10));
  expect(bob.received('alice')).toMatchObject({ gaps: 0, corrupt: 0 });
  expect(alice.received('bob')).toMatchObject({ gaps: 0, corrupt: 0 });
  expect(call.sfu.sessionCount).toBe(2);
  expect(failures).toEqual([]);
}

const inject = (datagram: Uint8Array, from = STRANGER) => call.network.inject(datagram, from, call.sfuAddress);

describe('nobody is harmed by', () => {
  it.each(['a stranger', "bob's address"])('garbage of every length from %s', (who) => {
    const from = who === 'a stranger' ? STRANGER : bobsAddress();
    for (const first of [0, 1, 3, 20, 21, 22, 23, 25, 63, 64, 79, 127, 128, 144, 191, 192, 255]) {
      for (const length of [0, 1, 2, 3, 11, 12, 13, 19, 20, 21, 25, 40, 100, 1200, 1472]) {
        inject(
          Uint8Array.from({ length }, (_, index) => (index === 0 ? first : (index * 37) & 0xff)),
          from,
        );
      }
    }
    expectUnharmed();
  });

  it('checks with a wrong password and media from ten thousand addresses', () => {
    const check = Uint8Array.from(fromBob('stun')[0]!.datagram);
    check[check.length - 1]! ^= 1;
    for (let host = 0; host < 10_000; host++) {
      const from = { address: `203.0.${host >> 8}.${host & 255}`, port: 4444 };
      inject(check, from);
      inject(Uint8Array.of(0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1), from);
    }
    expectUnharmed();
  });

  it('random bytes in the name of bob', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        inject(bytes, bobsAddress());
        call.time.runFor(1);
      }),
      { numRuns: 300 },
    );
    call.time.runFor(50);
    expectUnharmed();
  });

  it('everything bob ever sent, again', () => {
    for (const { datagram } of seen.filter(({ from }) => from.address === '198.18.0.2'))
      inject(datagram, bobsAddress());
    call.time.runFor(50);
    expectUnharmed();
  });

  it('everything bob ever sent, from elsewhere', () => {
    for (const { datagram } of seen.filter(({ from }) => from.address === '198.18.0.2')) {
      if (classify(datagram) !== 'stun') inject(datagram);
    }
    expectUnharmed();
  });

  it('everything bob ever sent, truncated at each length', () => {
    const kinds: DatagramKind[] = ['stun', 'dtls', 'rtp', 'rtcp'];
    for (const kind of kinds) {
      const [sample] = fromBob(kind);
      for (let length = 0; length < (sample?.datagram.length ?? 0); length++) {
        inject(sample!.datagram.subarray(0, length), bobsAddress());
      }
    }
    call.time.runFor(50);
    expectUnharmed();
  });

  it('everything bob ever sent, with one bit turned', () => {
    for (const [index, { datagram }] of seen.filter(({ from }) => from.address === '198.18.0.2').entries()) {
      const turned = Uint8Array.from(datagram);
      turned[(index * 7) % turned.length]! ^= 1 << (index % 8);
      inject(turned, bobsAddress());
    }
    call.time.runFor(50);
    expectUnharmed();
  });

  it('plaintext alerts, ClientHellos and Finished in the name of bob', () => {
    const record = (contentType: number, body: number[]) =>
      Uint8Array.from([contentType, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, body.length, ...body]);
    inject(record(21, [2, 40]), bobsAddress());
    inject(record(21, [1, 0]), bobsAddress());
    inject(record(20, [1]), bobsAddress());
    inject(record(22, [20, 0, 0, 12, 0, 5, 0, 0, 0, 0, 0, 12, ...Array(12).fill(7)]), bobsAddress());
    for (const { datagram } of fromBob('dtls').slice(0, 4)) inject(datagram, bobsAddress());
    call.time.runFor(1_000);
    expectUnharmed();
  });

  it('a check of bob replayed from another address: media still goes where bob is', () => {
    const check = fromBob('stun').at(-1)!;
    for (let port = 5000; port < 5100; port++) inject(check.datagram, { ...STRANGER, port });
    call.time.runFor(20);
    expectUnharmed();
  });

  it('a check of bob that claims to come from a port that nothing can be sent to', () => {
    inject(fromBob('stun').at(-1)!.datagram, { ...STRANGER, port: 0 });
    call.time.runFor(50);
    expectUnharmed();
  });

  it('a flood of forged packets of ever new sources', () => {
    for (let ssrc = 0; ssrc < 5_000; ssrc++) {
      const packet = Buffer.alloc(60, 1);
      packet[0] = 0x80;
      packet[1] = 111;
      packet.writeUInt32BE(ssrc, 8);
      inject(packet, bobsAddress());
    }
    call.time.runFor(50);
    expectUnharmed();
  });
});
