import { decodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { type JoinOptions, type Participant, SimulatedCall, type SimulatedCallOptions } from '../src/testing/index.ts';

let call: SimulatedCall;

async function start(options: SimulatedCallOptions = {}): Promise<SimulatedCall> {
  call = await SimulatedCall.start({ delayMs: 20, ...options });
  return call;
}

afterEach(() => call.close());

/** Calls back for each offer of the SFU that goes over the WebSocket, before the peer has it. */
const onOffer = (sessionID: string, callback: () => void) =>
  call.sfu.prependListener('message', (message) => {
    if (message.sessionID !== sessionID || message.type !== RtcMessageType.SDP) return;
    if (decodeSessionDescription(message.data).type === 'offer') callback();
  });

describe('an offer over the WebSocket', () => {
  it.each([
    ['a slow network', { delayMs: 400 }],
    ['a network that loses half of all packets', { lossRate: 0.5, seed: 3 }],
  ])('comes after its media map on %s', async (_, conditions) => {
    await start();
    const listener = await call.join('listener', { voice: false });
    call.network.setConditions(conditions);
    const known: string[][] = [];
    onOffer('listener', () => known.push(listener.senders));
    const joining = call.join('speaker');
    await joining;
    call.time.runFor(8_000);
    expect(known[0]).toEqual(['speaker']);
  });

  it('is not made while the data channel is dead, and is sent when it works again', async () => {
    await start();
    const listener = await call.join('listener', { voice: false });
    const speaker = await call.join('speaker', { voice: false });
    let offers = 0;
    onOffer('listener', () => {
      offers += 1;
    });
    call.network.setConditions({ lossRate: 1 });
    speaker.publishVoice();
    call.time.runFor(15_000);
    expect(offers).toBe(0);
    call.network.setConditions({ lossRate: 0 });
    call.time.runFor(10_000);
    expect(listener.senders).toEqual(['speaker']);
    call.speak([speaker], 200);
    call.time.runFor(100);
    expect(listener.received('speaker')).toMatchObject({ packets: 10, corrupt: 0 });
  });
});

/** Packets of the speaker that reach the listener while it speaks for a second. */
function heardIn(listener: Participant, speaker: Participant, senderID: string): number {
  const before = listener.received(senderID)?.packets ?? 0;
  call.speak([speaker], 1_000);
  call.time.runFor(100);
  return (listener.received(senderID)?.packets ?? 0) - before;
}

describe.each([
  ['over the WebSocket', false],
  ['over the data channel', true],
])('a peer that signals %s', (_, dcSignaling) => {
  it('that answers late, to an offer that timed out and to the next one, hears the newcomer of the next one', async () => {
    await start();
    const listener = await call.join('listener', { voice: false, dcSignaling });
    const first = await call.join('first');
    call.time.runFor(500);
    listener.sleep();
    await first.close();
    call.time.runFor(10_500);
    const second = await call.join('second');
    call.time.runFor(2_000);
    listener.wake();
    call.time.runFor(2_000);
    expect(listener.senders).toEqual(['second']);
    expect(heardIn(listener, second, 'second')).toBe(50);
  });

  it('that sleeps for 40 s hears those who joined meanwhile', async () => {
    await start();
    const listener = await call.join('listener', { voice: false, dcSignaling });
    listener.sleep();
    const speaker = await call.join('speaker');
    call.time.runFor(40_000);
    listener.wake();
    call.time.runFor(2_000);
    expect(heardIn(listener, speaker, 'speaker')).toBe(50);
  });
});

describe('a peer whose signaling is away', () => {
  /** A listener whose messages get lost, both ways, while `isAway`. */
  async function joinAway(options: Partial<JoinOptions> = {}) {
    const away = { isAway: false };
    const listener = await call.join('listener', { voice: false, ...options });
    const receive = listener.receive.bind(listener);
    listener.receive = (description) => {
      if (!away.isAway) receive(description);
    };
    return { listener, away };
  }

  it('for 40 s hears those who joined meanwhile within 2 s of its reconnect', async () => {
    await start();
    const { listener, away } = await joinAway();
    away.isAway = true;
    const speaker = await call.join('speaker');
    call.time.runFor(40_000);
    expect(listener.received('speaker')).toBeUndefined();
    away.isAway = false;
    call.sfu.resume('group', 'listener');
    call.time.runFor(2_000);
    expect(heardIn(listener, speaker, 'speaker')).toBe(50);
  });

  it('for very long hears them in the end without a message from its client', async () => {
    await start();
    const { listener, away } = await joinAway();
    away.isAway = true;
    const speaker = await call.join('speaker');
    call.time.runFor(600_000);
    away.isAway = false;
    call.time.runFor(20_000);
    expect(heardIn(listener, speaker, 'speaker')).toBe(50);
  });

  it('is refused a resumption if it is unknown', async () => {
    await start();
    expect(() => call.sfu.resume('group', 'nobody')).toThrow(expect.objectContaining({ code: 'unknown_session' }));
  });
});

describe('a peer whose data channel is dead', () => {
  it.each([
    ['before', 6_000],
    ['after the SFU has offered again, and', 14_000],
  ])(
    'restarts ICE over the WebSocket %s it comes back from elsewhere, and hears who spoke up meanwhile',
    async (_, awayMs) => {
      await start();
      const listener = await call.join('listener', { dcSignaling: true });
      const speaker = await call.join('speaker', { voice: false });
      call.network.setConditions({ lossRate: 1 });
      speaker.publishVoice();
      call.time.runFor(awayMs);
      call.network.setConditions({ lossRate: 0 });
      await listener.moveTo(call.newAddress());
      listener.restartIce(true);
      call.time.runFor(10_000);
      expect(heardIn(listener, speaker, 'speaker')).toBe(50);
      expect(heardIn(speaker, listener, 'listener')).toBe(50);
      call.time.runFor(60_000);
      expect(heardIn(listener, speaker, 'speaker')).toBe(50);
      expect(call.sfu.sessionCount).toBe(2);
    },
  );
});
