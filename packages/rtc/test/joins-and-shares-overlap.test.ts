import { decodeSessionDescription, encodeScreenOn, RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';

let call: SimulatedCall;
/** All descriptions of the SFU to each session. */
let descriptions: Map<string, string[]>;

beforeEach(async () => {
  descriptions = new Map();
  call = await SimulatedCall.start({ delayMs: 20 });
  call.sfu.on('message', ({ type, sessionID, data }) => {
    if (type !== RtcMessageType.SDP) return;
    const earlier = descriptions.get(sessionID) ?? [];
    descriptions.set(sessionID, [...earlier, decodeSessionDescription(data).sdp]);
  });
});
afterEach(() => call.close());

const screenOn = (sessionID: string, screenStreamID: string) => {
  const data = encodeScreenOn({ screenStreamID });
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type: RtcMessageType.ScreenOn, data });
  call.time.runFor(500);
};

function share(presenter: Participant, sessionID: string): void {
  const streamId = `screen-of-${sessionID}`;
  screenOn(sessionID, streamId);
  const track = presenter.publishVideo({ streamId, codecs: ['VP8'] });
  call.time.runFor(500);
  presenter.sendVideo(track, { framesPerSecond: 10 });
  call.time.runFor(1_000);
}

it.each([0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 240, 280, 320, 400])(
  'a voice published %i ms after another one began to join is heard by that one, once',
  async (afterMs) => {
    const speaker = await call.join('speaker', { voice: false });
    call.time.schedule(call.time.nowMs + afterMs, () => speaker.publishVoice());
    const joiner = await call.join('joiner', { voice: false });
    call.time.runFor(2_000);
    expect(joiner.typesFrom('speaker')).toEqual(['voice']);
    call.speak([speaker], 200);
    call.time.runFor(100);
    expect(joiner.received('speaker')).toMatchObject({ packets: 10, gaps: 0 });
  },
);

it('a presenter that is gone without ScreenOff frees the screen, and comes back as a viewer of the next one', async () => {
  const first = await call.join('first', { voice: false });
  const second = await call.join('second', { voice: false });
  share(first, 'first');
  expect(second.receivedVideo('first')!.shown.length).toBeGreaterThan(5);
  await first.vanish();
  call.time.runFor(31_000);
  expect(second.typesFrom('first')).toEqual([]);
  share(second, 'second');
  const back = await call.join('first', { voice: false });
  call.time.runFor(2_000);
  expect(back.typesFrom('second')).toEqual(['screen']);
  expect(back.receivedVideo('second')!.shown.length).toBeGreaterThan(5);
});

it('a ScreenOn that is repeated changes nothing for the receivers', async () => {
  const presenter = await call.join('presenter', { voice: false });
  const viewer = await call.join('viewer', { voice: false });
  share(presenter, 'presenter');
  const offers = descriptions.get('viewer')!.length;
  const shown = viewer.receivedVideo('presenter')!.shown.length;
  screenOn('presenter', 'screen-of-presenter');
  call.time.runFor(1_000);
  expect(descriptions.get('viewer')).toHaveLength(offers);
  expect(viewer.typesFrom('presenter')).toEqual(['screen']);
  expect(viewer.receivedVideo('presenter')!.shown.length).toBeGreaterThan(shown + 5);
});

it('all descriptions of a session are of one transport, however often it unmutes', async () => {
  const peer = await call.join('peer', { voice: false });
  for (let round = 0; round < 5; round++) {
    peer.publishVoice();
    call.time.runFor(500);
    await call.join(`other-${round}`);
    call.time.runFor(500);
    peer.unpublishVoice();
    call.time.runFor(500);
  }
  const all = descriptions.get('peer')!;
  expect(all.length).toBeGreaterThan(10);
  const transports = all.map((sdp) => {
    const values = (pattern: RegExp) => [...new Set(sdp.match(pattern))];
    // Lite in offers as in answers: the peer stays the controlling agent (RFC 8445 section 6.1.1).
    expect(sdp).toMatch(/^a=ice-lite\r?$/m);
    return { ufrags: values(/^a=ice-ufrag:.*/gm), candidates: values(/^a=candidate:.*/gm) };
  });
  expect(transports[0]!.ufrags).toHaveLength(1);
  expect(transports[0]!.candidates.length).toBeGreaterThan(0);
  for (const transport of transports) expect(transport).toEqual(transports[0]);
});
