import { describe, expect, it } from 'vitest';
import type { PublishedTrack } from '../call/published-track.ts';
import { PayloadMap } from '../sdp/capabilities.ts';
import type { RemoteDescription } from '../sdp/description.ts';
import { parseDescription } from '../sdp/parse.ts';
import { negotiatedMedia } from './section.ts';
import { Sections } from './sections.ts';

const DATA = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:0', 'a=sctp-port:5000'];

const CODECS = {
  opus: ['a=rtpmap:111 opus/48000/2'],
  VP8: ['a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 nack'],
  'VP8 with RTX': ['a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 nack', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'],
  AV1: ['a=rtpmap:45 AV1/90000'],
};

interface MediaLines {
  readonly direction?: string;
  readonly codec?: keyof typeof CODECS;
  readonly lines?: readonly string[];
}

/** A section of the peer that sends a track of its own, if it sends. */
const media = (mid: string, { direction = 'sendonly', codec = 'VP8', lines = [] }: MediaLines = {}): string[] => [
  `m=${codec === 'opus' ? 'audio' : 'video'} 9 UDP/TLS/RTP/SAVPF 96`,
  `a=mid:${mid}`,
  `a=${direction}`,
  ...(direction.startsWith('send') ? [`a=msid:stream-${mid} track-${mid}`] : []),
  ...CODECS[codec],
  ...lines,
];

function describePeer(type: 'offer' | 'answer', sections: readonly (readonly string[])[]): RemoteDescription {
  const mids = sections.flatMap((lines) => lines.find((line) => line.startsWith('a=mid:'))?.slice(6) ?? []);
  const session = [
    'v=0',
    `a=group:BUNDLE ${mids.join(' ')}`,
    'a=ice-ufrag:abcd',
    `a=ice-pwd:${'p'.repeat(22)}`,
    `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
  ];
  return parseDescription({ type, sdp: [...session, ...sections.flat(), ''].join('\r\n') });
}

function setUp() {
  let ssrc = 100;
  const sections = new Sections(new PayloadMap(), () => ssrc++, 65_536);
  const offer = (...media: readonly (readonly string[])[]) => sections.applyOffer(describePeer('offer', media));
  const answer = (...media: readonly (readonly string[])[]) => sections.applyAnswer(describePeer('answer', media));
  const rejected = () => sections.describe('answer').sections.filter((section) => section.rejected);
  return { sections, offer, answer, rejectedMids: () => rejected().map(({ mid }) => mid) };
}

const video = (id: string, codec = 'VP8'): PublishedTrack => ({
  id,
  kind: 'video',
  type: 'screen',
  senderID: 'sender',
  mimeType: `video/${codec}`,
  clockRate: 90_000,
  levels: [],
  attach() {},
  detach() {},
});

it('expects no more sections than its own and a bounded number of the peer’s', () => {
  const { sections, offer } = setUp();
  expect(sections.maxRemoteSections).toBe(512);
  offer(DATA);
  expect(sections.maxRemoteSections).toBe(512);
  sections.plan([video('one'), video('two')], true);
  expect(sections.maxRemoteSections).toBe(514);
  // The peer may get our offer late, and then has its sections too.
  offer(DATA);
  expect(sections.all).toHaveLength(1);
  expect(sections.maxRemoteSections).toBe(514);
});

it('announces its own SCTP port, whichever the peer has', () => {
  const { sections, offer } = setUp();
  offer(DATA.map((line) => line.replace('5000', '6000')));
  expect(sections.all[0]?.sctp?.port).toBe(6000);
  expect(sections.describe('answer').sections[0]?.sctp?.port).toBe(5000);
});

describe('tracks of a peer', () => {
  it('are eight of each kind at a time, the newest', () => {
    const { sections, offer } = setUp();
    const voices = Array.from({ length: 10 }, (_, index) => media(`a${index}`, { codec: 'opus' }));
    const videos = Array.from({ length: 10 }, (_, index) => media(`v${index}`));
    offer(DATA, ...voices, ...videos);
    const received = negotiatedMedia(sections.all).receiving.map(({ mid }) => mid);
    expect(received).toEqual(['a', 'v'].flatMap((kind) => [2, 3, 4, 5, 6, 7, 8, 9].map((index) => `${kind}${index}`)));
  });

  it('keep their encodings while they pause, in answers and in our own offers', () => {
    const { sections, offer } = setUp();
    const simulcast = ['a=rid:l send', 'a=rid:h send', 'a=simulcast:send l;h'];
    offer(DATA, media('1', { lines: simulcast }));
    expect(negotiatedMedia(sections.all).receiving).toMatchObject([{ rids: ['l', 'h'], streamId: 'stream-1' }]);
    offer(DATA, media('1', { direction: 'inactive', lines: simulcast }));
    for (const type of ['offer', 'answer'] as const) {
      expect(sections.describe(type).sections[1]).toMatchObject({ rids: ['l', 'h'], rejected: false });
    }
  });

  it('carry what media needs of retransmissions and codecs', () => {
    const { sections, offer } = setUp();
    const sources = ['a=ssrc-group:FID 5 6', 'a=ssrc:5 cname:c', 'a=ssrc:6 cname:c'];
    offer(DATA, media('1', { codec: 'VP8 with RTX', lines: sources }));
    expect(negotiatedMedia(sections.all).receiving).toMatchObject([
      {
        trackId: 'track-1',
        ssrcs: [5],
        rtxSsrcs: new Map([[5, 6]]),
        codecs: [{ mimeType: 'video/VP8', rtxPayloadType: 97, feedback: ['nack'] }],
      },
    ]);
  });
});

describe('sections that are idle', () => {
  const active = (...mids: string[]) => mids.map((mid) => media(mid));
  const inactive = (...mids: string[]) => mids.map((mid) => media(mid, { direction: 'inactive' }));

  it('are rejected beyond four, those idle for longest first', () => {
    const { offer, rejectedMids } = setUp();
    offer(DATA, ...active('1', '2', '3', '4', '5', '6'));
    offer(DATA, ...active('1', '2', '3', '4'), ...inactive('5', '6'));
    offer(DATA, ...inactive('1', '2'), ...active('3', '4'), ...inactive('5', '6'));
    expect(rejectedMids()).toEqual([]);
    offer(DATA, ...inactive('1', '2', '3'), ...active('4'), ...inactive('5', '6'));
    expect(rejectedMids()).toEqual(['5']);
  });

  it('count again after they were reused', () => {
    const { offer, rejectedMids } = setUp();
    offer(DATA, ...active('1', '2', '3', '4', '5'));
    offer(DATA, ...inactive('1'), ...active('2', '3', '4', '5'));
    offer(DATA, ...active('1'), ...inactive('2', '3', '4', '5'));
    offer(DATA, ...inactive('1', '2', '3', '4', '5'));
    expect(rejectedMids()).toEqual(['2']);
  });

  it('stay if they carry the bundle, or were never used', () => {
    const { offer, rejectedMids } = setUp();
    offer(...active('1', '2', '3', '4', '5'), DATA, ...inactive('6', '7', '8', '9'));
    offer(...inactive('1', '2', '3', '4', '5'), DATA, ...inactive('6', '7', '8', '9'));
    expect(rejectedMids()).toEqual([]);
  });
});

describe('sections of ours', () => {
  it('name a source for retransmissions if the codec has them, and no longer than that', () => {
    const { sections, offer, answer } = setUp();
    offer(DATA);
    sections.plan([video('screen')], true);
    expect(sections.describe('offer').sections[1]?.sending).toMatchObject({ ssrc: 100, rtxSsrc: 101 });
    answer(DATA, media('s1', { direction: 'recvonly' }));
    expect(sections.describe('offer').sections[1]?.sending).toEqual({
      streamId: 'sender',
      trackId: 'screen',
      ssrc: 100,
    });
    expect(negotiatedMedia(sections.all).sending).toMatchObject([
      { ssrc: 100, rtxSsrc: 101, codecs: [{ payloadType: 96, feedback: ['nack'] }] },
    ]);
  });

  it('are closed with their track, although the peer says that it sends without a stream', () => {
    const { sections, offer, answer } = setUp();
    const sends = { direction: 'sendrecv', lines: ['a=ssrc:4711 cname:c'] };
    const withoutStream = media('s1', sends).map((line) => line.replace(/^a=msid:\S+/, 'a=msid:-'));
    offer(DATA);
    sections.plan([video('screen')], true);
    answer(DATA, withoutStream);
    expect(negotiatedMedia(sections.all).receiving).toEqual([]);
    sections.plan([], true);
    expect(sections.describe('offer').sections[1]).toMatchObject({ mid: 's1', rejected: true });
  });

  it('report the codecs that the peer accepts, once it was offered them', () => {
    const { sections, offer, answer } = setUp();
    const [vp8, av1] = [video('as VP8'), video('as AV1', 'AV1')];
    offer(DATA);
    expect([vp8, av1].map((track) => sections.canDecode(track))).toEqual([true, true]);
    sections.plan([av1], true);
    answer(DATA, media('s1', { direction: 'recvonly' }));
    expect([vp8, av1].map((track) => sections.canDecode(track))).toEqual([true, false]);
    expect(negotiatedMedia(sections.all).sending[0]).not.toHaveProperty('payloadType');
  });
});
