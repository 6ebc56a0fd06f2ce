import { decodeSessionDescription, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RemoteSection } from '../src/sdp/description.ts';
import { parseDescription } from '../src/sdp/parse.ts';
import { SimulatedCall } from '../src/testing/index.ts';

/**
 * A browser announces a track once for as long as its section lives, under the name that it had first, and ends it when the section is
 * rejected. Whoever comes after a leaver has to come on a section of its own.
 */
let call: SimulatedCall;
/** The sections of the SFU's offers to `stays`. */
let offers: readonly RemoteSection[][];

beforeEach(async () => {
  offers = [];
  call = await SimulatedCall.start({ delayMs: 20 });
  call.sfu.on('message', ({ sessionID, type, data }) => {
    if (sessionID !== 'stays' || type !== RtcMessageType.SDP) return;
    const description = parseDescription(decodeSessionDescription(data));
    if (description.type === 'offer') offers = [...offers, [...description.sections]];
  });
});

afterEach(() => call.close());

/** The tracks that an application sees: each is named by the mid that it came on, and by its sender. */
function liveTracks(): string[] {
  const live = new Map<string, string>();
  for (const sections of offers) {
    for (const { mid, rejected, streamId } of sections) {
      if (rejected) live.delete(mid);
      else if (streamId !== '' && !live.has(mid)) live.set(mid, streamId);
    }
    for (const mid of live.keys()) if (!sections.some((section) => section.mid === mid)) live.delete(mid);
  }
  return [...live.values()];
}

describe('a section whose sender left', () => {
  it('is rejected, and its place is taken by the next one under a new mid', async () => {
    const stays = await call.join('stays');
    const first = await call.join('first');
    call.time.runFor(500);
    const { mid } = offers.at(-1)!.find(({ streamId }) => streamId === 'first')!;
    await first.close();
    call.time.runFor(500);
    expect(offers.at(-1)!.find((section) => section.mid === mid)).toMatchObject({ rejected: true });
    expect(liveTracks()).toEqual([]);

    const second = await call.join('second');
    call.time.runFor(500);
    expect(offers.at(-1)).toHaveLength(offers[0]!.length);
    expect(offers.at(-1)!.some((section) => section.mid === mid)).toBe(false);
    expect(liveTracks()).toEqual(['second']);
    expect(stays.senders).toEqual(['second']);
    call.speak([second], 400);
    call.time.runFor(100);
    expect(stays.received('second')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
  });

  it('stays as long as the microphone of its receiver is on it', async () => {
    const stays = await call.join('stays', { voice: false });
    const first = await call.join('first');
    call.time.runFor(500);
    stays.publishVoice();
    call.time.runFor(500);
    await first.close();
    call.time.runFor(500);
    const second = await call.join('second');
    call.time.runFor(500);
    call.speak([stays, second], 400);
    call.time.runFor(100);
    expect(second.received('stays')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
    expect(stays.received('second')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
    expect(offers.at(-1)!.map(({ rejected }) => rejected)).toEqual([false, false, false]);
  });

  it('is identified by its place when the answer to the rejection does not name it', async () => {
    const withoutMid = (section: string) => (/^\w+ 0 /.test(section) ? section.replace(/a=mid:.*\r\n/, '') : section);
    const tamper = ({ type, sdp }: SessionDescription): SessionDescription => ({
      type,
      sdp: sdp.split('m=').map(withoutMid).join('m='),
    });
    const stays = await call.join('stays', { tamper });
    for (const id of ['first', 'second', 'third']) {
      const guest = await call.join(id);
      call.time.runFor(500);
      call.speak([guest], 200);
      call.time.runFor(100);
      expect(stays.received(id)?.packets).toBe(10);
      await guest.close();
      call.time.runFor(500);
    }
  });

  it('leaves no trace, however many join and leave', { timeout: 120_000 }, async () => {
    const stays = await call.join('stays');
    for (let round = 0; round < 1_000; round++) {
      const guest = await call.join(`guest-${round}`);
      call.time.runFor(100);
      await guest.close();
      call.time.runFor(100);
    }
    const last = await call.join('last');
    call.time.runFor(500);
    expect(offers.at(-1)!.length).toBeLessThanOrEqual(4);
    expect(liveTracks()).toEqual(['last']);
    call.speak([last], 400);
    call.time.runFor(100);
    expect(stays.received('last')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
  });
});
