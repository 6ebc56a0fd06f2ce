import { encodeScreenOn, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { expect, it } from 'vitest';
import { PeerConnection, type ReceivedFrame } from '../src/peer/index.ts';
import { PeerMedia } from '../src/peer/peer-media.ts';
import { rtpHeaderLength, writeRtpHeader } from '../src/rtp/header.ts';
import { parseDescription } from '../src/sdp/parse.ts';
import { SimulatedCall } from '../src/testing/index.ts';
import { Dice } from './dice.ts';

/** Descriptions of a genuine SFU: an answer, then offers with voices and a video. */
async function genuineDescriptions(): Promise<SessionDescription[]> {
  const descriptions: SessionDescription[] = [];
  const call = await SimulatedCall.start({ delayMs: 10 });
  const listener = await call.join('listener', { voice: false });
  const receive = listener.receive.bind(listener);
  listener.receive = (description) => {
    descriptions.push(description);
    receive(description);
  };
  const [speaker] = await Promise.all([call.join('speaker'), call.join('other')]);
  const ids = { groupID: 'group', callID: 'call', userID: '', sessionID: 'speaker' };
  call.sfu.receive({ ...ids, type: RtcMessageType.ScreenOn, data: encodeScreenOn({ screenStreamID: 'screen' }) });
  speaker.publishVideo({ streamId: 'screen', codecs: ['VP8'] });
  call.time.runFor(2_000);
  listener.renegotiate();
  call.time.runFor(2_000);
  await call.close();
  return descriptions;
}

const descriptions = await genuineDescriptions();

/** Changes some lines: leaves them out, repeats them, moves them, or replaces a character or a number. */
function mutate({ type, sdp }: SessionDescription, dice: Dice): SessionDescription {
  const lines = sdp.split('\r\n');
  for (let change = dice.between(1, 6); change > 0; change--) {
    const at = dice.upTo(lines.length);
    const line = lines[at] ?? '';
    const changes: readonly (() => void)[] = [
      () => lines.splice(at, 1),
      () => lines.splice(dice.upTo(lines.length), 0, line),
      () => {
        lines[at] = line.replace(/\d+/, () => dice.oneOf(['0', '-1', '65536', '4294967296', '99999999999999999999']));
      },
      () => {
        const character = dice.upTo(line.length + 1);
        lines[at] = `${line.slice(0, character)}${String.fromCharCode(dice.upTo(0x180))}${line.slice(character + 1)}`;
      },
      () => {
        lines[at] = line.replace(/sendrecv|sendonly|recvonly|inactive/, () =>
          dice.oneOf(['sendrecv', 'sendonly', 'recvonly', 'inactive']),
        );
      },
    ];
    dice.oneOf(changes)();
  }
  return { type: dice.isLucky(0.1) ? dice.oneOf(['offer', 'answer']) : type, sdp: lines.join('\r\n') };
}

it('takes or refuses whatever description comes, and throws at none', async () => {
  expect(descriptions.length).toBeGreaterThan(2);
  const call = await SimulatedCall.start({ delayMs: 10 });
  let refused = 0;
  let answered = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const dice = new Dice(seed);
    const peer = await PeerConnection.open(
      { openIo: call.newAddress(), cname: 'peer', clock: call.clock },
      {
        onConnected: () => {},
        onChannelOpen: () => {},
        onMessage: () => {},
        onAnswered: () => {},
        onRefused: () => refused++,
        onTrack: () => {},
        onTrackEnded: () => {},
        onFrame: () => {},
        onClosed: () => {},
      },
    );
    peer.offer(() => {});
    for (let step = 0; step < 20; step++) {
      if (dice.isLucky(0.2)) peer.addVoice();
      if (dice.isLucky(0.2)) peer.restartIce();
      if (dice.isLucky(0.3)) peer.offer(() => {});
      peer.receive(mutate(dice.oneOf(descriptions), dice), () => answered++);
      call.time.runFor(50);
    }
    await peer.close();
  }
  await call.close();
  expect(refused).toBeGreaterThan(100);
  expect(answered).toBeGreaterThan(100);
});

it('takes whatever packets come, and throws at none', () => {
  const offer = descriptions
    .map((description) => parseDescription(description))
    .findLast(({ type }) => type === 'offer')!;
  const frames: ReceivedFrame[] = [];
  const ssrcs: number[] = [];
  const media = new PeerMedia({
    clock: { nowMs: () => 0, unixMs: () => 0, setTimer: () => undefined, clearTimer: () => {} },
    ssrc: 1,
    cname: 'peer',
    sendRtcp: (compound) => expect(compound.length).toBeLessThan(1_300),
    onTrack: ({ ssrc }) => ssrcs.push(ssrc),
    onTrackEnded: () => {},
    onFrame: (_, frame) => frames.push(frame),
  });
  media.sync(offer.sections, 0);
  expect(ssrcs.length).toBeGreaterThan(2);
  media.start(0);
  const dice = new Dice(7);
  for (let number = 0; number < 40_000; number++) {
    const packet = Buffer.from(Array.from({ length: dice.between(12, 60) }, () => dice.upTo(256)));
    if (dice.isLucky(0.9)) {
      writeRtpHeader(packet, 0, {
        marker: dice.isLucky(0.3),
        payloadType: dice.oneOf([111, 96, 97, dice.upTo(128)]),
        sequenceNumber: dice.isLucky(0.8) ? (number * 2) & 0xffff : dice.upTo(0x1_0000),
        timestamp: dice.isLucky(0.5) ? number * 960 : dice.upTo(2 ** 32),
        ssrc: dice.oneOf(ssrcs),
      });
      if (dice.isLucky(0.3)) packet[0] = dice.upTo(256);
    }
    const nowMs = number / 4;
    if (rtpHeaderLength(packet) >= 0 || dice.isLucky(0.1)) media.receiveRtp(packet, nowMs);
    packet[1] = dice.between(198, 208);
    media.receiveRtcp(packet, nowMs);
    if (dice.isLucky(0.05)) media.timeout(nowMs);
  }
  expect(media.strayPackets).toBeGreaterThan(0);
  expect(frames.length).toBeGreaterThan(0);
});
