import { encodeIceCandidateInit, RtcMessageType } from '@rtcd/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedCall } from '../src/testing/index.ts';
import { TURN_SERVERS, TurnServerOnNetwork } from './turn-server-on-network.ts';

const RELAYED = { address: '203.0.113.50', port: 50_000 };

async function start() {
  const turn = new TurnServerOnNetwork();
  const call = await SimulatedCall.start({
    delayMs: 20,
    sfu: { turnServers: TURN_SERVERS },
    connectToServer: turn.connect,
  });
  onTestFinished(() => call.close());
  return { call, turn };
}

/** The client passes a candidate of the peer on. */
function trickle(call: SimulatedCall, sessionID: string, address: string, type = 'host'): void {
  const candidate = `candidate:1 1 udp 2122260223 ${address} 49152 typ ${type}`;
  const data = encodeIceCandidateInit({ candidate, sdpMid: '0' });
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: 'u', sessionID, type: RtcMessageType.ICE, data });
}

/** Joins with nothing but our relay to check. Addresses of participants are `198.18.0.1` and so on, in their order. */
function joinOverRelay(call: SimulatedCall, sessionID: string, address: string) {
  const joining = call.join(sessionID, { candidateType: 'relay' });
  trickle(call, sessionID, address);
  return joining;
}

describe('an SFU with a TURN server', () => {
  it('advertises one relay candidate for all sessions, with the lowest priority', async () => {
    const { call, turn } = await start();
    await call.join('ada');
    await call.join('grace');
    expect(turn.allocations).toHaveLength(1);
    const [host, relay] = call.sfu.candidates;
    expect(relay).toMatchObject({ type: 'relay', protocol: 'udp', ...RELAYED, relatedAddress: '192.0.2.1' });
    expect(relay!.priority).toBeLessThan(0x0100_0000);
    expect(host!.priority).toBeGreaterThan(relay!.priority);
  });

  it('forwards media over its relay, both ways, and says so', async () => {
    const { call } = await start();
    const ada = await joinOverRelay(call, 'ada', '198.18.0.1');
    const grace = await call.join('grace');
    call.time.runFor(2_000);
    call.speak([ada, grace], 2_000);
    call.time.runFor(500);
    expect(grace.received('ada')!.packets).toBe(100);
    expect(ada.received('grace')!.packets).toBe(100);
    const snapshot = call.sfu.inspect('group', 'ada');
    expect(snapshot.path).toMatch(/^udp 198\.18\.0\.1:\d+ via relay 203\.0\.113\.50:50000$/);
    expect(snapshot.way).toEqual({ protocol: 'udp', local: 'relay', remote: 'host' });
    expect(snapshot.ice.paths).toMatchObject([{ isProven: true, path: snapshot.path }]);
    expect(call.sfu.inspect('group', 'grace').way).toEqual({ protocol: 'udp', local: 'host', remote: 'prflx' });
  });

  it('sends media in channels, which stay bound over a long call', async () => {
    const { call, turn } = await start();
    const ada = await joinOverRelay(call, 'ada', '198.18.0.1');
    const grace = await call.join('grace');
    call.time.runFor(2_000);
    const { received } = turn.allocations[0]!;
    const { indications } = received;
    call.time.runFor(30 * 60_000);
    call.speak([grace], 1_000);
    call.time.runFor(500);
    expect(ada.received('grace')!.packets).toBe(50);
    expect(received.channelData).toBeGreaterThanOrEqual(50);
    expect(received.indications).toBe(indications);
  });

  it('lets no peer through that has not named its address', async () => {
    const { call } = await start();
    void call.join('ada', { candidateType: 'relay' }).catch(() => {});
    call.time.runFor(5_000);
    expect(call.sfu.inspect('group', 'ada').ice.paths).toEqual([]);
  });

  it('asks for one permission for each address, whatever a peer names', async () => {
    const { call, turn } = await start();
    await call.join('ada');
    for (let times = 0; times < 50; times++) trickle(call, 'ada', '198.51.100.7', 'srflx');
    for (const name of ['7a1e8d2c.local', '2001:db8::7', 'example.com', '::ffff:198.51.100.7'])
      trickle(call, 'ada', name);
    for (let host = 0; host < 200; host++) trickle(call, 'ada', `198.51.100.${host}`);
    expect(turn.allocations[0]!.permissions.size).toBe(32 - 1);
    expect(turn.allocations[0]!.requests.filter((name) => name.startsWith('createPermission'))).toHaveLength(31);
  });

  it('moves to another allocation when its server is lost, and new sessions use that', async () => {
    const { call, turn } = await start();
    await joinOverRelay(call, 'ada', '198.18.0.1');
    turn.ends[0]!('connection reset');
    expect(call.sfu.inspect('group', 'ada').ice).toMatchObject({ state: 'disconnected', paths: [] });
    expect(call.sfu.candidates.map(({ type }) => type)).toEqual(['host']);
    await call.passUntil(expect.poll(() => call.sfu.candidates.length, { interval: 0 }).toBe(2), 10_000);
    expect(call.sfu.candidates[1]).toMatchObject({ type: 'relay', port: 50_001 });
    const grace = await joinOverRelay(call, 'grace', '198.18.0.2');
    expect(grace).toBeDefined();
  });

  it('gives its allocation back when it closes', async () => {
    const { call, turn } = await start();
    await call.close();
    expect(turn.allocations[0]!.isAllocated).toBe(false);
  });
});
