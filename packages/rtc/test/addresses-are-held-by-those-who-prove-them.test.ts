import { eachPacket, type PacketIo } from '@rtcd/packet-io';
import type { Endpoint, ObservedDatagram } from '@rtcd/packet-io/testing';
import { decodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IceCredentials } from '../src/ice/credentials.ts';
import { writeBindingRequest } from '../src/stun/binding.ts';
import { shortTermKey } from '../src/stun/integrity.ts';
import { parseStunMessage } from '../src/stun/message.ts';
import { writeStunMessage } from '../src/stun/write.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';

const STRANGER = { address: '203.0.113.9', port: 3478 };
const MALLORYS_ICE = { ufrag: 'mallory', pwd: 'passwordOfMallory22chars' };

let call: SimulatedCall;
let alice: Participant;
let bob: Participant;
/** The SFU's credentials for mallory. */
let sfuIce: IceCredentials;
/** Everything that participants and the SFU sent. */
let seen: ObservedDatagram[];
let onSight: (observed: ObservedDatagram) => void;
let transactions: number;

beforeEach(async () => {
  seen = [];
  transactions = 0;
  onSight = () => {};
  call = await SimulatedCall.start({
    delayMs: 10,
    onTransmit: (observed) => {
      seen.push(observed);
      onSight(observed);
    },
  });
  call.sfu.on('message', ({ sessionID, type, data }) => {
    if (sessionID !== 'mallory' || type !== RtcMessageType.SDP) return;
    const { sdp } = decodeSessionDescription(data);
    const attribute = (name: string) => new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)![1]!;
    sfuIce = { ufrag: attribute('ice-ufrag'), pwd: attribute('ice-pwd') };
  });
  alice = await call.join('alice');
  bob = await call.join('bob');
  await call.join('mallory', { ice: MALLORYS_ICE });
  call.time.runFor(500);
  call.speak([alice, bob], 400);
  call.time.runFor(100);
});

afterEach(() => call.close());

const addressOf = (number: number): Endpoint => seen.find(({ from }) => from.address === `198.18.0.${number}`)!.from;
const alicesAddress = () => addressOf(1);

/** An authentic check of mallory, unlike any before. */
function malloryCheck(): Buffer {
  const transactionId = Buffer.alloc(12, 'mallory');
  transactionId.writeUInt32BE(++transactions);
  const username = `${sfuIce.ufrag}:${MALLORYS_ICE.ufrag}`;
  const fields = { username, priority: 0x7eff_ffff, useCandidate: true, iceControlling: 1n };
  return writeBindingRequest(transactionId, fields, shortTermKey(sfuIce.pwd));
}

/** Datagrams that the SFU sent to an address since then. */
const sentTo = ({ address, port }: Endpoint, sinceMs: number) =>
  seen.filter(({ to, atMs }) => atMs >= sinceMs && to.address === address && to.port === port);

const bytesOf = (datagrams: readonly { readonly datagram: Uint8Array }[]) =>
  datagrams.reduce((sum, { datagram }) => sum + datagram.length, 0);

/** Alice and bob hear every packet of each other for a while, during which `attack` runs 20 times a second. */
function expectUnharmed(durationMs: number, attack: () => void = () => {}): void {
  const before = [bob.received('alice')!.packets, alice.received('bob')!.packets];
  for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs += 100) {
    attack();
    call.speak([alice, bob], 60);
    attack();
    call.speak([alice, bob], 40);
  }
  call.time.runFor(100);
  const packets = durationMs / 20;
  expect([bob.received('alice')!.packets, alice.received('bob')!.packets]).toEqual(
    before.map((count) => count + packets),
  );
  expect(bob.received('alice')).toMatchObject({ gaps: 0, corrupt: 0 });
  expect(alice.received('bob')).toMatchObject({ gaps: 0, corrupt: 0 });
}

const inject = (datagram: Uint8Array, from: Endpoint) => call.network.inject(datagram, from, call.sfuAddress);

describe('a participant that forges the source of its checks', () => {
  it('does not take the address of another one', () => {
    const sinceMs = call.time.nowMs;
    let forgedBytes = 0;
    expectUnharmed(10_000, () => {
      const check = malloryCheck();
      forgedBytes += check.length;
      inject(check, alicesAddress());
    });
    const rtp = sentTo(alicesAddress(), sinceMs).filter(({ datagram }) => classify(datagram) === 'rtp');
    // Bob's voice, and nothing of mallory's own session.
    expect(rtp).toHaveLength(500);
    const stun = sentTo(alicesAddress(), sinceMs).filter(({ datagram }) => classify(datagram) === 'stun');
    expect(bytesOf(stun)).toBeLessThan(3 * forgedBytes);
    expect(alice.strayPackets).toBe(0);
  });

  it('has no media sent to a third party, and little else', () => {
    const sinceMs = call.time.nowMs;
    let forgedBytes = 0;
    expectUnharmed(40_000, () => {
      const check = malloryCheck();
      forgedBytes += check.length;
      inject(check, STRANGER);
    });
    const sent = sentTo(STRANGER, sinceMs);
    expect(new Set(sent.map(({ datagram }) => classify(datagram)))).toEqual(new Set(['stun']));
    expect(bytesOf(sent)).toBeLessThan(3 * forgedBytes);
  });

  it('has none sent to a public STUN server, which answers every request', () => {
    const sinceMs = call.time.nowMs;
    let answered = 0;
    const server: PacketIo = call.network.open({
      addresses: [STRANGER],
      onPackets: eachPacket((packet, path) => {
        const request = parseStunMessage(Buffer.from(packet));
        if (request?.messageClass !== 'request') return;
        answered += 1;
        const { transactionId } = request;
        const xorMappedAddress = call.sfuAddress;
        server.transmit(
          writeStunMessage({ messageClass: 'success', method: 1, transactionId, xorMappedAddress }),
          server.openPath({ local: 0, ...call.sfuAddress }),
        );
        server.releasePath(path);
      }),
    });
    expectUnharmed(5_000, () => inject(malloryCheck(), STRANGER));
    expect(answered).toBeGreaterThan(5);
    expect(sentTo(STRANGER, sinceMs).every(({ datagram }) => classify(datagram) === 'stun')).toBe(true);
  });
});

describe('a check of another participant, sniffed and sent from elsewhere,', () => {
  const bobsChecks = () =>
    seen.filter(({ from, datagram }) => {
      return from.address === '198.18.0.2' && parseStunMessage(Buffer.from(datagram))?.messageClass === 'request';
    });

  it('gets nothing in return, and moves nothing', () => {
    const sinceMs = call.time.nowMs;
    let port = 5_000;
    expectUnharmed(5_000, () => {
      for (const { datagram } of bobsChecks()) inject(datagram, { ...STRANGER, port: port++ });
    });
    expect(seen.filter(({ to, atMs }) => atMs >= sinceMs && to.address === STRANGER.address)).toEqual([]);
    expect(call.sfu.stats().drops.stun_replayed).toBeGreaterThan(50);
  });

  it('neither moves its media nor ends its session when it is faster than the participant itself', () => {
    const sinceMs = call.time.nowMs;
    let sniffedBytes = 0;
    onSight = ({ from, datagram }) => {
      if (from.address !== '198.18.0.2' || classify(datagram) !== 'stun') return;
      sniffedBytes += datagram.length;
      call.network.setConditions({ delayMs: 1 });
      inject(datagram, STRANGER);
      call.network.setConditions({ delayMs: 10 });
    };
    expectUnharmed(60_000);
    const sent = sentTo(STRANGER, sinceMs);
    expect(sent.length).toBeGreaterThan(20);
    expect(sent.every(({ datagram }) => classify(datagram) === 'stun')).toBe(true);
    expect(bytesOf(sent)).toBeLessThan(3 * sniffedBytes);
    expect(call.sfu.session('group', 'call', 'bob')).toBeDefined();
  });

  it('does not bring its media back to an address that it has left', async () => {
    const left = addressOf(2);
    await bob.moveTo(call.newAddress());
    call.time.runFor(100);
    const sinceMs = call.time.nowMs;
    onSight = ({ from, datagram }) => {
      if (from.address === '198.18.0.4' && classify(datagram) === 'stun') inject(datagram, left);
    };
    expectUnharmed(10_000);
    const kinds = sentTo(left, sinceMs).map(({ datagram }) => classify(datagram));
    expect(kinds).not.toContain('rtp');
  });
});

describe('an address', () => {
  const fixed = { address: '198.18.9.9', port: 5_000 };
  const atFixedAddress = async (handlers: Parameters<Parameters<typeof bob.moveTo>[0]>[0]) =>
    call.network.open({ ...handlers, addresses: [fixed] });

  it('goes over at once to a participant that proves to be there, under another session', async () => {
    const first = await call.join('first', { openIo: atFixedAddress });
    await first.vanish();
    const second = await call.join('second', { openIo: atFixedAddress });
    call.time.runFor(500);
    const before = second.received('alice')?.packets ?? 0;
    call.speak([alice, second], 400);
    call.time.runFor(100);
    expect(second.received('alice')?.packets).toBe(before + 20);
    expect(alice.received('second')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
  });

  it('that loses most packets is proven all the same', async () => {
    call.network.setConditions({ lossRate: 0.5 });
    const guest = await call.join('guest', { voice: false });
    call.network.setConditions({ lossRate: 0 });
    call.time.runFor(10_000);
    const before = guest.received('alice')?.packets ?? 0;
    call.speak([alice], 400);
    call.time.runFor(100);
    expect(guest.received('alice')?.packets).toBe(before + 20);
    expect(call.sfu.inspect('group', 'guest')?.ice.paths).toMatchObject([{ isSelected: true, isProven: true }]);
  });
});
