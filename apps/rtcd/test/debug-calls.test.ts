import { basicAuthorization } from '@rtcd/auth';
import { encodeScreenOn, RtcMessageType } from '@rtcd/protocol';
import type { CallSnapshot, CallSummary } from '@rtcd/rtc';
import { SimulatedCall } from '@rtcd/rtc/testing';
import { expect, it, onTestFinished } from 'vitest';
import type { OpenSfu } from '../src/index.ts';
import { scrape } from './prometheus.ts';
import { ADMIN_KEY, ask, startService } from './support.ts';

const authorization = basicAuthorization('', ADMIN_KEY);

/** The service with an SFU in virtual time, and the call that it carries. */
async function startInVirtualTime() {
  const calls: SimulatedCall[] = [];
  const openSfu: OpenSfu = async ({ logger, metrics }) => {
    const call = await SimulatedCall.start({ delayMs: 20, sfu: { logger: logger!, metrics: metrics! } });
    calls.push(call);
    return call.sfu;
  };
  const security = { allow_self_registration: true, enable_admin: true, admin_secret_key: ADMIN_KEY };
  const rtcd = await startService({ config: { api: { security } }, openSfu });
  onTestFinished(() => rtcd.close());
  return { rtcd, call: calls[0]! };
}

it('shows the admin a running call, with the encoding of the screen that each member gets', async () => {
  const { rtcd, call } = await startInVirtualTime();
  const viewer = await call.join('viewer');
  const sharer = await call.join('sharer', { voice: false });
  const track = sharer.publishVideo({ codecs: ['VP8'], rids: ['l', 'h'] });
  const ids = { groupID: 'group', callID: 'call', userID: '', sessionID: 'sharer' };
  const data = encodeScreenOn({ screenStreamID: track.streamId });
  call.sfu.receive({ ...ids, type: RtcMessageType.ScreenOn, data });
  call.time.runFor(500);
  sharer.sendVideo(track, { framesPerSecond: 5 }, { framesPerSecond: 20, payloadBytes: 1_000 });
  call.speak([viewer], 3_000);

  const list = await ask(`${rtcd.url}/debug/calls`, { authorization });
  const summaries: CallSummary[] = JSON.parse(list.body);
  expect(summaries).toMatchObject([{ groupID: 'group', callID: 'call', sessions: 2, sharer: 'sharer' }]);

  const levelOfViewer = async () => {
    const { status, body } = await ask(`${rtcd.url}/debug/calls/group/call`, { authorization });
    expect(status).toBe(200);
    const { members }: CallSnapshot = JSON.parse(body);
    expect(members.map(({ sessionID }) => sessionID)).toEqual(['viewer', 'sharer']);
    expect(members[1]!.sends.map(({ level }) => level)).toEqual(['l', 'h']);
    expect(members[1]!.voices.count).toBe(1);
    return members[0]!.receives.map(({ type, level }) => `${type} ${level}`);
  };
  expect(await levelOfViewer()).toEqual(['screen l']);
  expect((await scrape(rtcd))('rtcd_rtc_video_streams_total', { groupID: 'group', type: 'screen', level: 'l' })).toBe(
    1,
  );
  call.time.runFor(15_000);
  expect(await levelOfViewer()).toEqual(['screen h']);
  expect((await scrape(rtcd))('rtcd_rtc_video_streams_total', { groupID: 'group', type: 'screen', level: 'h' })).toBe(
    1,
  );

  const none = await ask(`${rtcd.url}/debug/calls/group/other`, { authorization });
  expect([none.status, none.body]).toEqual([404, 'call other not found\n']);
});
