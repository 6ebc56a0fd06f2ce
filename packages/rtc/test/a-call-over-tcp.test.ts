import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STALE_AFTER_MS } from '../src/ice/valid-path.ts';
import { type JoinOptions, type Participant, SimulatedCall } from '../src/testing/index.ts';

let call: SimulatedCall;
const UDP = { udp: true };
const TCP = { udp: false, tcp: true };
const BOTH = { udp: true, tcp: true };

beforeEach(async () => {
  call = await SimulatedCall.start({ delayMs: 20, tcp: true });
});

afterEach(() => call.close());

const join = (sessionID: string, address: { udp?: boolean; tcp?: boolean }, options: Partial<JoinOptions> = {}) =>
  call.join(sessionID, { openIo: call.newAddress(address), dcSignaling: true, ...options });

const pathOf = (sessionID: string) => call.sfu.summaries().find((session) => session.sessionID === sessionID)?.path;

/** All of them hear one another, whole, for a second of talk. */
function expectToHear(participants: Readonly<Record<string, Participant>>): void {
  call.time.runFor(500);
  const counts = () =>
    Object.entries(participants).flatMap(([receiver, participant]) =>
      Object.keys(participants)
        .filter((sender) => sender !== receiver)
        .map((sender) => participant.received(sender)?.packets ?? 0),
    );
  const before = counts();
  call.speak(Object.values(participants), 1_000);
  call.time.runFor(100);
  expect(counts()).toEqual(before.map((count) => count + 50));
}

describe('a call', () => {
  it('works over TCP alone, and with others who use UDP', async () => {
    const participants = { a: await join('a', TCP), b: await join('b', TCP), c: await join('c', UDP) };
    expectToHear(participants);
    expect(pathOf('a')).toMatch(/^tcp 198\.18\.\d+\.\d+:\d+ via 192\.0\.2\.1:8443$/);
    expect(pathOf('c')).toMatch(/^udp /);
    expect(call.sfu.inspect('group', 'a').ice.paths).toMatchObject([{ isSelected: true, isProven: true }]);
  });

  it('uses UDP if both work', async () => {
    const both = await join('both', BOTH);
    expectToHear({ both, other: await join('other', UDP) });
    expect(pathOf('both')).toMatch(/^udp /);
  });

  it('uses TCP if UDP is blocked', async () => {
    const other = await join('other', TCP);
    call.network.setConditions({ lossRate: 1 });
    const both = await join('both', BOTH);
    expectToHear({ both, other });
    expect(pathOf('both')).toMatch(/^tcp /);
  });

  describe.each([
    ['nominates its paths again', false],
    ['nominates only once', true],
  ])('of a peer that %s', (_, nominatesOnce) => {
    it.each([
      ['', false],
      [' and restarts ICE', true],
    ])('continues on another connection after its own broke%s', async (_, restarts) => {
      const [stays, breaks] = [await join('stays', UDP), await join('breaks', TCP, { nominatesOnce })];
      expectToHear({ stays, breaks });
      const [, address = '', port] = /^tcp ([\d.]+):(\d+)/.exec(pathOf('breaks') ?? '') ?? [];
      call.network.breakPath(call.sfuAddress, { address, port: Number(port) });
      expect(call.sfu.inspect('group', 'breaks').ice).toMatchObject({ state: 'disconnected', paths: [] });
      await breaks.moveTo(call.newAddress(TCP));
      if (restarts) breaks.restartIce(true);
      expectToHear({ stays, breaks });
      expect(pathOf('breaks')).not.toContain(address);
    });

    it('continues on another connection while its own seems to be open', async () => {
      const [stays, moves] = [await join('stays', UDP), await join('moves', TCP, { nominatesOnce })];
      const before = pathOf('moves');
      await moves.moveTo(call.newAddress(TCP));
      // A peer that does not nominate the new path is followed once it has been silent on the old one.
      if (nominatesOnce) call.time.runFor(STALE_AFTER_MS);
      expectToHear({ stays, moves });
      expect(pathOf('moves')).toMatch(/^tcp /);
      expect(pathOf('moves')).not.toBe(before);
    });
  });

  it('continues over UDP when the user gets into a network that lets it through, and back', async () => {
    const [stays, moves] = [await join('stays', UDP), await join('moves', TCP)];
    await moves.moveTo(call.newAddress(UDP));
    expectToHear({ stays, moves });
    expect(pathOf('moves')).toMatch(/^udp /);
    await moves.moveTo(call.newAddress(TCP));
    expectToHear({ stays, moves });
    expect(pathOf('moves')).toMatch(/^tcp /);
  });
});

it('offers passive TCP candidates behind those of UDP', () => {
  expect(call.sfu.candidates).toMatchObject([
    { protocol: 'udp', type: 'host', address: '192.0.2.1', port: 8443 },
    { protocol: 'tcp', type: 'host', tcpType: 'passive', address: '192.0.2.1', port: 8443 },
  ]);
  const [udp, tcp] = call.sfu.candidates;
  expect(udp!.priority).toBeGreaterThan(tcp!.priority);
  expect(udp!.foundation).not.toBe(tcp!.foundation);
});
