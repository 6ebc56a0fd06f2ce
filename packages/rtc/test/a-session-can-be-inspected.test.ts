import { RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionSnapshot } from '../src/index.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

let call: SimulatedCall;
let lines: Line[];

beforeEach(async () => {
  lines = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields: fields as Record<string, unknown>, message });
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => logger };
  call = await SimulatedCall.start({ delayMs: 20, sfu: { logger } });
});

afterEach(() => call.close());

const inspect = (sessionID: string): SessionSnapshot => call.sfu.inspect('group', sessionID);
const eventsOf = (sessionID: string) => inspect(sessionID).events.map(({ event }) => event);
const lineOf = (message: string) => lines.filter((line) => line.message === message);

async function talkingPair(): Promise<{ alice: Participant; bob: Participant }> {
  const alice = await call.join('alice');
  const bob = await call.join('bob', { dcSignaling: true });
  call.time.runFor(1_000);
  call.speak([alice, bob], 3_000);
  call.time.runFor(200);
  return { alice, bob };
}

const impostor = ({ type, sdp }: SessionDescription): SessionDescription => ({
  type,
  sdp: sdp.replace(/(sha-256 )..:..:/, (_, start) => `${start}00:00:`),
});

describe('inspect', () => {
  it('shows a session in a running call: plain data without secrets', async () => {
    const { alice } = await talkingPair();
    const snapshot = inspect('alice');
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot).toMatchObject({
      groupID: 'group',
      callID: 'call',
      userID: 'user of alice',
      sessionID: 'alice',
      path: expect.stringMatching(/^udp 198\.18\.0\.1:\d+ via 192\.0\.2\.1:8443$/),
      way: { protocol: 'udp', local: 'host', remote: 'prflx' },
      ice: { state: 'connected', paths: [{ isSelected: true, path: snapshot.path }] },
      dtls: { phase: 'connected' },
      sctp: { state: 'established', stats: { channels: 1 } },
    });
    expect(snapshot.drops).toEqual({});
    expect(snapshot.ageMs).toBeGreaterThan(4_000);
    expect(snapshot.ice.checks.accepted).toBeGreaterThan(1);
    expect(snapshot.ice.paths[0]!.lastConsentAgoMs).toBeLessThan(3_000);
    expect(Object.keys(snapshot.reachedMs)).toEqual(['offer', 'ice', 'dtls', 'channel', 'media']);
    expect(alice.received('bob')).toBeDefined();
  });

  it('shows sections with their directions, and tracks with packets, loss and jitter', async () => {
    const { alice } = await talkingPair();
    call.network.setConditions({ lossRate: 0.2 });
    call.speak([alice], 2_000);
    call.network.setConditions({ lossRate: 0 });
    call.speak([alice], 3_000);
    const { sections, incoming, outgoing } = inspect('alice');
    expect(sections.map(({ kind, direction }) => `${kind} ${direction}`)).toEqual([
      'application inactive',
      'audio recvonly',
      'audio sendonly',
    ]);
    expect(incoming).toMatchObject([{ mid: '1', type: 'voice', trackId: expect.stringMatching(/^voice_alice_/) }]);
    expect(incoming[0]!.lost).toBeGreaterThan(5);
    expect(incoming[0]!.packets + incoming[0]!.lost).toBe(400);
    expect(outgoing).toMatchObject([{ trackId: expect.stringMatching(/^voice_bob_/), isFlowing: true, packets: 150 }]);
    const toBob = inspect('bob').outgoing[0]!;
    expect(toBob.payloadBytes).toBeGreaterThan(toBob.packets);
  });

  it('lists the events in order, with their times', async () => {
    await talkingPair();
    const events = eventsOf('bob');
    const expected = [
      'offer received',
      'answer sent',
      'ice state',
      'path selected',
      'dtls phase',
      'keys changed',
      'channel opened',
      'offer sent',
      'answer received',
    ] as const;
    const places = expected.map((event) => events.indexOf(event));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(events).toContain('track published');
    expect(events).toContain('media started');
    const times = inspect('bob').events.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('is empty but for the identity before the first offer', () => {
    call.sfu.join({
      groupID: 'group',
      callID: 'call',
      userID: 'user',
      sessionID: 'early',
      props: { channelID: '', av1Support: false, dcSignaling: false },
    });
    expect(inspect('early')).toEqual({
      estimateBps: expect.any(Number),
      pacer: { packets: 0, ageMs: 0 },
      groupID: 'group',
      callID: 'call',
      userID: 'user',
      sessionID: 'early',
      ageMs: 0,
      reachedMs: {},
      drops: {},
      ice: { state: 'new', checks: { accepted: 0, refused: 0 }, paths: [] },
      sections: [],
      incoming: [],
      outgoing: [],
      events: [],
      eventsForgotten: 0,
    });
  });

  it('stays bounded, whatever a peer sends', async () => {
    const mallory = await call.join('mallory', { dcSignaling: true });
    for (let round = 0; round < 1_000; round++) {
      mallory.sendRawMessage(Buffer.alloc(1_000, 0x93));
      if (round % 10 === 0) call.time.runFor(1_000);
    }
    const { events, eventsForgotten } = inspect('mallory');
    expect(events.length).toBeLessThanOrEqual(128);
    expect(eventsForgotten).toBeGreaterThan(0);
    expect(JSON.stringify(events).length).toBeLessThan(128 * 300);
  });

  it('throws for an unknown session, and lists the known ones', async () => {
    await talkingPair();
    expect(() => inspect('nobody')).toThrow(expect.objectContaining({ code: 'unknown_session' }));
    expect(call.sfu.summaries().map(({ sessionID }) => sessionID)).toEqual(['alice', 'bob']);
    expect(inspect('bob')).toMatchObject(call.sfu.summaries()[1]!);
  });
});

describe('the log', () => {
  it('contains one line with path, steps, and drops when a session closes', async () => {
    await talkingPair();
    call.sfu.receive({
      groupID: 'group',
      callID: 'call',
      userID: '',
      sessionID: 'alice',
      type: RtcMessageType.Mute,
      data: new Uint8Array(),
    });
    call.network.inject(Uint8Array.of(0x80, 111, 1, 1), addressOf('alice'), call.sfuAddress);
    call.time.runFor(100);
    const { path, way, reachedMs } = inspect('alice');
    call.sfu.leave('group', 'alice');
    expect(lineOf('session closed')).toEqual([
      {
        level: 'info',
        message: 'session closed',
        fields: { reason: 'left', ageMs: expect.any(Number), path, way, reachedMs, drops: { srtp_malformed: 1 } },
      },
    ]);
    expect(lineOf('session failed')).toEqual([]);
    expect(lineOf('session events')).toMatchObject([{ level: 'debug' }]);
  });

  it('contains the events of a failed session as a warning, and how far it got', async () => {
    await expect(call.join('impostor', { tamper: impostor })).rejects.toThrow();
    expect(lineOf('session closed')).toMatchObject([
      { fields: { reason: 'not connected within 30 s of the first offer', reachedMs: { offer: 0, ice: 20 } } },
    ]);
    const [failed] = lineOf('session failed');
    expect(failed).toMatchObject({ level: 'warn' });
    expect(failed?.fields.events).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\d+ ms: offer received \(through the client\)$/),
        expect.stringMatching(/^\d+ ms: path selected \(udp 198\.18\.0\.1:\d+ via 192\.0\.2\.1:8443\)$/),
        expect.stringMatching(/^\d+ ms: dtls message rejected \(fingerprint_mismatch\)$/),
        expect.stringMatching(/^\d+ ms: closed \(not connected within 30 s of the first offer\)$/),
      ]),
    );
  });

  it("does not count a peer's goodbye as a failure", async () => {
    const { alice } = await talkingPair();
    await alice.close();
    call.time.runFor(10_000);
    expect(lineOf('session closed')).toMatchObject([{ fields: { reason: expect.stringMatching(/^(dtls|sctp): /) } }]);
    expect(lineOf('session failed')).toEqual([]);
  });
});

/** Addresses go by the order of joining. */
const addressOf = (sessionID: string) => {
  const [address, port] = inspect(sessionID).path!.split(' ')[1]!.split(':');
  return { address: address!, port: Number(port) };
};
