import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { Sections } from '../signaling/sections.ts';
import { PayloadMap } from './capabilities.ts';
import type { RemoteDescription } from './description.ts';
import { parseDescription } from './parse.ts';
import { writeDescription } from './write.ts';

const FINGERPRINT = Array(32).fill('AB').join(':');

const HEAD = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'];
const TRANSPORT = ['a=ice-ufrag:abcd', `a=ice-pwd:${'p'.repeat(22)}`, `a=fingerprint:sha-256 ${FINGERPRINT}`];
const DATA = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:0', 'a=sctp-port:5000'];
const AUDIO = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:1',
  'a=sendrecv',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtcp-fb:111 transport-cc',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=msid:stream track',
  'a=ssrc:1000 cname:peer',
];
const LINES = [...HEAD, ...DATA, ...TRANSPORT, ...AUDIO];
const VIDEO = [
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 108',
  'a=mid:2',
  'a=sendonly',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:* nack pli',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:108 H264/90000',
  'a=fmtp:108 packetization-mode=1;profile-level-id=42e01f',
  'a=extmap-allow-mixed',
  'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'a=msid:stream track',
  'a=rid:l send',
  'a=rid:h send',
  'a=simulcast:send l;h',
  'a=ssrc:2000 cname:peer',
  'a=ssrc:2001 cname:peer',
  'a=ssrc-group:FID 2000 2001',
];
const BASE = [...LINES, ...VIDEO].map((line) => line.replace('BUNDLE 0 1', 'BUNDLE 0 1 2'));

const parse = (lines: readonly string[]) => parseDescription({ type: 'offer', sdp: `${lines.join('\r\n')}\r\n` });

/** Parses text: a description whose every part is of its declared type and bounded, or an RtcError. */
function expectHandled(sdp: string): void {
  let description: ReturnType<typeof parseDescription>;
  try {
    description = parseDescription({ type: 'offer', sdp });
  } catch (error) {
    expect(error).toBeInstanceOf(RtcError);
    expect((error as RtcError).code).toBe('invalid_sdp');
    expect((error as RtcError).message.length).toBeLessThan(200);
    return;
  }
  expect(description.ice.ufrag).toBeTypeOf('string');
  expect(description.sections.length).toBeLessThanOrEqual(2048);
  for (const { mid, rejected, streamId, trackId, rids, ssrcs, rtxSsrcs, codecs, extensions } of description.sections) {
    expect(mid).toMatch(rejected ? /^\S{0,32}$/ : /^\S{1,32}$/);
    expect(streamId).toMatch(/^[^ ]{0,256}$/s);
    expect(trackId).toMatch(/^[^ ]{0,256}$/s);
    expect(rids.length).toBeLessThanOrEqual(3);
    for (const rid of rids) expect(rid).toMatch(/^[\w-]{1,16}$/);
    for (const [media, rtx] of rtxSsrcs) expect([ssrcs.includes(media), ssrcs.includes(rtx)]).toEqual([true, false]);
    expect(ssrcs.every((ssrc) => Number.isInteger(ssrc) && ssrc > 0 && ssrc <= 0xffffffff)).toBe(true);
    expect(codecs.every(({ payloadType, mimeType }) => payloadType <= 127 && typeof mimeType === 'string')).toBe(true);
    expect(extensions.every(({ id, uri }) => id >= 1 && id <= 255 && typeof uri === 'string')).toBe(true);
  }
  expectAnswered(description);
}

/** The answer has only lines of ours, whatever the offer says. */
function expectAnswered(offer: RemoteDescription): void {
  const sections = new Sections(new PayloadMap(), () => 1, 65_536);
  sections.applyOffer(offer);
  const answer = writeDescription({
    type: 'answer',
    sessionId: '1',
    sessionVersion: 1,
    ice: { ufrag: 'abcd', pwd: 'p'.repeat(22) },
    fingerprint: { algorithm: 'sha-256', value: FINGERPRINT },
    candidates: [],
    ...sections.describe('answer'),
  });
  for (const line of answer.split('\r\n').slice(0, -1)) expect(line).toMatch(OWN_LINE);
}

const OWN_LINE =
  /^(?:[vostmc]=|a=(?:ice-|msid-semantic:|group:|fingerprint:|setup:|end-of|mid:|rtcp-|rtpmap:|fmtp:|ext|rid:|simulcast:|sctp-port:|max-message-size:|sendrecv|sendonly|recvonly|inactive))[ -~]*$/;

/** Values that have broken readers of SDP: numbers where text is meant, text where numbers are, emptiness, excess. */
const oddValue = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '1',
    '-1',
    '1.5',
    '1e400',
    '0x10',
    '__proto__',
    'constructor',
    ':',
    '1 2',
    'FID 1',
    '\0',
  ),
  fc.constant('9'.repeat(40)),
  fc.string({ maxLength: 40 }),
);
const attribute = fc.constantFrom(
  ...[
    'mid',
    'msid',
    'ssrc',
    'ssrc-group',
    'rtpmap',
    'fmtp',
    'rtcp-fb',
    'extmap',
    'extmap-allow-mixed',
    'fingerprint',
    'ice-ufrag',
    'ice-pwd',
  ],
  ...['setup', 'sctp-port', 'max-message-size', 'sendrecv', 'bundle-only', 'group', 'rid', 'simulcast', '__proto__'],
);

describe('parseDescription', () => {
  it('reads the unmodified descriptions', () => {
    expect(parse(LINES).sections).toHaveLength(2);
    expect(parse(BASE).sections[2]).toMatchObject({
      rids: ['l', 'h'],
      ssrcs: [2000],
      codecs: [{ rtxPayloadType: 97 }, {}],
    });
  });

  it('keeps numbers as text', () => {
    const lines = LINES.map((line) =>
      line
        .replace('a=msid:stream track', 'a=msid:123 456')
        .replace('a=ice-ufrag:abcd', 'a=ice-ufrag:1234')
        .replace('a=fmtp:111 minptime=10;useinbandfec=1', 'a=fmtp:111 7'),
    );
    const description = parse([...lines, 'a=ssrc-group:FID 1000']);
    expect(description.ice.ufrag).toBe('1234');
    expect(description.sections[1]).toMatchObject({ streamId: '123', ssrcs: [1000], codecs: [{ parameters: '7' }] });
  });

  it('uses the first fingerprint that it can check, and none that it cannot', () => {
    const others = ['a=fingerprint:256 AB:CD', `a=fingerprint:md5 ${Array(16).fill('AB').join(':')}`];
    const at = LINES.findIndex((line) => line.startsWith('a=fingerprint'));
    expect(parse(LINES.toSpliced(at, 0, ...others)).fingerprint).toEqual({ algorithm: 'sha-256', value: FINGERPRINT });
    expect(() => parse(LINES.toSpliced(at, 1, ...others))).toThrow('invalid SDP: no DTLS fingerprint');
  });

  it.each([
    [
      'media sections',
      [...HEAD, ...Array.from({ length: 2049 }, (_, mid) => ['m=audio 9 x 0', `a=mid:${mid}`]).flat()],
    ],
    ['lines', [...LINES, ...Array(40_000).fill('b=AS:1')]],
    ['attributes', [...LINES, ...Array(1024).fill('a=candidate:1 1 udp 1 192.0.2.1 1 typ host')]],
    ['codecs', [...LINES, ...Array(128).fill('a=rtpmap:8 PCMA/8000')]],
    ['header extensions', [...LINES, ...Array(64).fill('a=extmap:3 urn:x')]],
    [
      'different lists of codecs',
      [
        ...HEAD,
        ...TRANSPORT,
        ...Array.from({ length: 42 }, (_, mid) => [
          'm=audio 9 x 0',
          `a=mid:${mid}`,
          ...Array.from({ length: 100 }, (_, type) => `a=rtpmap:${type} codec${mid}/8000`),
        ]).flat(),
      ],
    ],
    ['SSRCs', [...LINES, ...Array.from({ length: 16 }, (_, ssrc) => `a=ssrc:${ssrc + 1} cname:x`)]],
  ])('bounds %s', (_, lines) => {
    expect(() => parse(lines)).toThrow(RtcError);
  });

  it('refuses more sections than its caller expects before it reads any', () => {
    const offer = { type: 'offer', sdp: LINES.join('\n') } as const;
    const parseAtMost = (maxSections: number) => parseDescription(offer, undefined, maxSections);
    expect(() => parseAtMost(1)).toThrow('invalid SDP: more than 1 media sections');
    expect(() => parseAtMost(2)).not.toThrow();
  });

  it('reads equal lists of codecs any number of times', () => {
    const codecs = Array.from({ length: 100 }, (_, type) => `a=rtpmap:${type} codec/8000`);
    const sections = Array.from({ length: 300 }, (_, mid) => ['m=audio 9 x 0', `a=mid:${mid}`, ...codecs]).flat();
    expect(parse([...HEAD, ...TRANSPORT, ...sections]).sections).toHaveLength(300);
  });

  it.each([
    ['one line', 'a'.repeat(1 << 20)],
    ['line breaks', '\r\n'.repeat(1 << 19)],
    ['empty attributes', 'a=\n'.repeat(349_525)],
    ['empty sections', 'm=\n'.repeat(349_525)],
    ['one attribute', `${LINES.join('\n')}\na=msid:${' '.repeat(1_000_000)}`],
    ['one extension', `${LINES.join('\n')}\na=extmap:1/${'a'.repeat(500_000)} ${'b'.repeat(500_000)}`],
    ['one byte too much', LINES.join('\n').padEnd((1 << 20) + 1, '\n')],
  ])('copes with 1 MiB of %s', (_, sdp) => {
    expectHandled(sdp);
  });

  it('copes with truncation anywhere', () => {
    const text = BASE.join('\r\n');
    for (let length = 0; length < text.length; length++) expectHandled(text.slice(0, length));
  });

  it('copes with odd values of any attribute, anywhere', () => {
    const line = fc.tuple(fc.nat(BASE.length), attribute, oddValue);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (added) => {
        const lines = [...BASE];
        for (const [at, name, value] of added) lines.splice(at, 0, `a=${name}:${value}`);
        expectHandled(lines.join('\r\n'));
      }),
      { numRuns: 500 },
    );
  });

  it('copes with lost, duplicated, swapped, and garbled lines', () => {
    const change = fc.tuple(
      fc.constantFrom('lose', 'double', 'swap', 'garble'),
      fc.nat(BASE.length - 1),
      fc.nat(BASE.length - 1),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const lines = [...BASE];
        for (const [what, at, other, text] of changes) {
          const line = lines[at] ?? '';
          if (what === 'lose') lines.splice(at, 1);
          else if (what === 'double') lines.splice(other, 0, line);
          else if (what === 'swap') [lines[at], lines[other]] = [lines[other] ?? '', line];
          else lines[at] = line.slice(0, other) + text + line.slice(other + 1);
        }
        expectHandled(lines.join('\n'));
      }),
      { numRuns: 500 },
    );
  });
});
