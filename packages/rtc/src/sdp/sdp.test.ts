import { parse } from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import type { LocalDescription, LocalSection } from './description.ts';
import { parseDescription } from './parse.ts';
import { writeDescription } from './write.ts';

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0').toUpperCase()).join(
  ':',
);

const offerLines = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS stream-1',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789abcdefghijkl',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${FINGERPRINT.toLowerCase()}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  'm=audio 0 UDP/TLS/RTP/SAVPF 111 63',
  'c=IN IP4 0.0.0.0',
  'a=bundle-only',
  'a=mid:1',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=sendrecv',
  'a=msid:stream-1 track-1',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=ssrc:1000 cname:c',
  'a=ssrc:1000 msid:stream-1 track-1',
];

const offer = (lines = offerLines) => ({ type: 'offer' as const, sdp: `${lines.join('\r\n')}\r\n` });
const without = (start: string) => offer(offerLines.filter((line) => !line.startsWith(start)));
const replaced = (start: string, line: string) => offer(offerLines.map((old) => (old.startsWith(start) ? line : old)));

const audioSection: LocalSection = {
  mid: '1',
  kind: 'audio',
  rejected: false,
  direction: 'sendrecv',
  codecs: [
    {
      payloadType: 111,
      mimeType: 'audio/opus',
      clockRate: 48_000,
      channels: 2,
      parameters: 'useinbandfec=1',
      feedback: [],
    },
  ],
  extensions: [{ id: 1, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' }],
  allowsMixedExtensions: false,
  rids: [],
  sending: { streamId: 'sender', trackId: 'voice_sender_12345678', ssrc: 7 },
};

const localDescription: LocalDescription = {
  type: 'answer',
  sessionId: '42',
  sessionVersion: 1,
  ice: { ufrag: 'ufrag', pwd: 'p'.repeat(22) },
  fingerprint: { algorithm: 'sha-256', value: FINGERPRINT },
  candidates: [
    { foundation: '1', component: 1, protocol: 'udp', priority: 5, address: '127.0.0.1', port: 8443, type: 'host' },
  ],
  bundle: ['1'],
  sections: [audioSection],
};

describe('parseDescription', () => {
  it('keeps the transport and media of a Chromium offer', () => {
    const description = parseDescription(offer());
    expect(description.ice).toEqual({ ufrag: 'abcd', pwd: '0123456789abcdefghijkl' });
    expect(description.fingerprint).toEqual({ algorithm: 'sha-256', value: FINGERPRINT });
    const [data, audio] = description.sections;
    expect(data).toMatchObject({ mid: '0', kind: 'application', sctp: { port: 5000, maxMessageSize: 262_144 } });
    expect(audio).toMatchObject({ mid: '1', kind: 'audio', rejected: false, direction: 'sendrecv' });
    expect(audio).toMatchObject({ streamId: 'stream-1', ssrcs: [1000] });
    expect(audio?.codecs[0]).toMatchObject({ payloadType: 111, mimeType: 'audio/opus', channels: 2 });
  });

  it('treats a section of port 0 without bundle-only as rejected', () => {
    expect(parseDescription(without('a=bundle-only')).sections[1]?.rejected).toBe(true);
  });

  it('accepts a rejected section without a mid, and no other', () => {
    const nameless = offerLines.filter((line) => line !== 'a=mid:1' && line !== 'a=bundle-only');
    expect(parseDescription(offer(nameless)).sections[1]).toMatchObject({ mid: '', rejected: true });
    const accepted = nameless.map((line) => line.replace('m=audio 0', 'm=audio 9'));
    expect(() => parseDescription(offer(accepted))).toThrow(/without a valid mid/);
  });

  describe('of a video section', () => {
    const video = (...lines: string[]) =>
      parseDescription(
        offer([...offerLines, 'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98', 'a=mid:2', 'a=sendonly', ...lines]),
      ).sections[2]!;

    it('folds retransmissions into their codecs, and spreads feedback for all', () => {
      const { codecs } = video(
        'a=rtpmap:96 VP8/90000',
        'a=rtcp-fb:* nack',
        'a=rtcp-fb:96 nack pli',
        'a=rtpmap:97 rtx/90000',
        'a=fmtp:97 rtx-time=200;apt=96',
        'a=rtpmap:98 AV1/90000',
        'a=rtpmap:99 rtx/90000',
        'a=fmtp:99 apt=50',
      );
      expect(codecs).toMatchObject([
        { payloadType: 96, mimeType: 'video/VP8', rtxPayloadType: 97, feedback: ['nack pli', 'nack'] },
        { payloadType: 98, mimeType: 'video/AV1', feedback: ['nack'] },
      ]);
      expect(codecs[1]).not.toHaveProperty('rtxPayloadType');
    });

    it('lists the rids that are sent, in the order of the simulcast', () => {
      const rids = ['a=rid:l send', 'a=rid:h send pt=96', 'a=rid:m recv', 'a=rid:f send'];
      expect(video(...rids, 'a=simulcast:send h;l').rids).toEqual(['h', 'l']);
      expect(video(...rids, 'a=simulcast: recv m send ~l,f;h;h;m;x').rids).toEqual(['l', 'h']);
      expect(video(...rids).rids).toEqual([]);
      expect(video('a=rid:l\ra=x send', 'a=rid:toolong-toolong-toolong send', 'a=simulcast:send l;h').rids).toEqual([]);
      const many = ['a', 'b', 'c', 'd'];
      expect(video(...many.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${many.join(';')}`).rids).toEqual(
        many.slice(0, 3),
      );
    });

    it('pairs sources with those of their retransmissions, layers in their order', () => {
      const sources = [1, 2, 3, 11, 12].map((ssrc) => `a=ssrc:${ssrc} cname:c`);
      const { ssrcs, rtxSsrcs } = video(
        ...sources,
        'a=ssrc-group:SIM 3 1 2',
        'a=ssrc-group:FID 1 11',
        'a=ssrc-group:FID 2 12',
        'a=ssrc-group:FID 7 8',
        'a=ssrc-group:FID 3',
      );
      expect(ssrcs).toEqual([3, 1, 2]);
      expect([...rtxSsrcs]).toEqual([
        [1, 11],
        [2, 12],
      ]);
    });

    it('is of a stream and a track', () => {
      expect(video('a=msid:{stream} {track}')).toMatchObject({ streamId: '{stream}', trackId: '{track}' });
      expect(video('a=ssrc:1 msid:stream track')).toMatchObject({ streamId: 'stream', trackId: 'track' });
    });

    it('allows both forms of header extensions if the session or the section does', () => {
      expect(video().allowsMixedExtensions).toBe(true);
      const plain = offerLines.filter((line) => line !== 'a=extmap-allow-mixed');
      const sections = (lines: string[]) =>
        parseDescription(offer(lines)).sections.map(({ allowsMixedExtensions }) => allowsMixedExtensions);
      expect(sections(plain)).toEqual([false, false]);
      expect(sections([...plain, 'a=extmap-allow-mixed'])).toEqual([false, true]);
    });
  });

  describe('of a bundle', () => {
    const bundled = ({ sections }: ReturnType<typeof parseDescription>) =>
      sections.flatMap((section) => (section.bundled ? [section.mid] : []));
    const second = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:2', 'a=rtpmap:111 opus/48000/2'];
    const ownTransport = ['a=ice-ufrag:second', `a=ice-pwd:${'s'.repeat(22)}`, `a=fingerprint:sha-256 ${FINGERPRINT}`];
    const withSecond = [...offerLines, ...second, ...ownTransport];

    it('uses the transport of the section that the group names first', () => {
      const lines = withSecond.map((line) => (line.startsWith('a=group') ? 'a=group:BUNDLE 2 0 1' : line));
      const description = parseDescription(offer(lines));
      expect(description).toMatchObject({ bundle: ['2', '0', '1'], ice: { ufrag: 'second' } });
      expect(bundled(description)).toEqual(['0', '1', '2']);
    });

    it('uses the next section if the first one is rejected', () => {
      const lines = withSecond.map((line) =>
        line.startsWith('m=application') ? line.replace(' 9 ', ' 0 ') : line.replace('BUNDLE 0 1', 'BUNDLE 0 2 1'),
      );
      expect(parseDescription(offer(lines))).toMatchObject({ bundle: ['2', '1'], ice: { ufrag: 'second' } });
    });

    it('contains only the first section if there is no group, or no group of existing sections', () => {
      for (const group of ['', 'a=group:BUNDLE', 'a=group:BUNDLE 8 9', 'a=group:LS 0 1']) {
        const lines = withSecond.map((line) => (line.startsWith('a=group') ? group : line));
        const description = parseDescription(offer(lines));
        expect(description.bundle).toBeUndefined();
        expect(bundled(description)).toEqual(['0']);
      }
    });

    it('leaves out a section with a transport of its own', () => {
      expect(bundled(parseDescription(offer(withSecond)))).toEqual(['0', '1']);
    });
  });

  it('reads credentials and fingerprint from the session level too', () => {
    const moved = offerLines.filter((line) => !/^a=(ice-ufrag|ice-pwd|fingerprint)/.test(line));
    moved.splice(4, 0, ...offerLines.filter((line) => /^a=(ice-ufrag|ice-pwd|fingerprint)/.test(line)));
    expect(parseDescription(offer(moved)).ice.ufrag).toBe('abcd');
  });

  it('leaves out the retransmission half of an SSRC pair', () => {
    const paired = offer([...offerLines, 'a=ssrc-group:FID 1000 2000', 'a=ssrc:2000 cname:c']);
    expect(parseDescription(paired).sections[1]?.ssrcs).toEqual([1000]);
  });

  it.each([
    ['no fingerprint', without('a=fingerprint')],
    ['a fingerprint that is none', replaced('a=fingerprint', 'a=fingerprint:sha-256 zz:zz')],
    ['no ICE credentials', without('a=ice-')],
    ['a short ICE password', replaced('a=ice-pwd', 'a=ice-pwd:short')],
    ['a mid that is no token', replaced('a=mid:1', 'a=mid:<1>')],
    ['no mid', without('a=mid')],
    ['the same mid twice', replaced('a=mid:1', 'a=mid:0')],
    ['no media', offer(offerLines.slice(0, 7))],
    ['nothing at all', offer([])],
    ['a flood of SSRCs', offer([...offerLines, ...Array.from({ length: 50 }, (_, n) => `a=ssrc:${n + 1} cname:x`)])],
    ['an SCTP port out of range', replaced('a=sctp-port', 'a=sctp-port:99999')],
    ['a message size beyond all numbers', replaced('a=max-message-size', `a=max-message-size:${'9'.repeat(30)}`)],
  ])('refuses %s', (_, description) => {
    expect(() => parseDescription(description)).toThrow(RtcError);
    expect(() => parseDescription(description)).toThrow(/^invalid SDP: /);
  });

  it('throws only RtcError, whichever line is truncated', () => {
    for (let length = 0; length < offer().sdp.length; length += 7) {
      try {
        parseDescription({ type: 'offer', sdp: offer().sdp.slice(0, length) });
      } catch (error) {
        expect(error).toBeInstanceOf(RtcError);
      }
    }
  });
});

describe('writeDescription', () => {
  it('writes the codecs, encodings and sources of video, with retransmissions', () => {
    const section: LocalSection = {
      mid: '2',
      kind: 'video',
      rejected: false,
      direction: 'sendrecv',
      codecs: [
        {
          payloadType: 96,
          mimeType: 'video/VP8',
          clockRate: 90_000,
          parameters: '',
          feedback: ['nack', 'nack pli'],
          rtxPayloadType: 97,
        },
      ],
      extensions: [{ id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' }],
      allowsMixedExtensions: true,
      rids: ['l', 'h'],
      sending: { streamId: 'sender', trackId: 'screen_sender_12345678', ssrc: 7, rtxSsrc: 8 },
    };
    const sdp = writeDescription({ ...localDescription, bundle: ['2'], sections: [section] });
    const lines = sdp.slice(sdp.indexOf('m=video')).split('\r\n');
    expect(lines[0]).toBe('m=video 9 UDP/TLS/RTP/SAVPF 96 97');
    expect(lines).toEqual(
      expect.arrayContaining([
        'a=extmap-allow-mixed',
        'a=rtpmap:96 VP8/90000',
        'a=rtcp-fb:96 nack pli',
        'a=rtpmap:97 rtx/90000',
        'a=fmtp:97 apt=96',
        'a=rid:l recv',
        'a=rid:h recv',
        'a=simulcast:recv l;h',
        'a=ssrc-group:FID 7 8',
        'a=ssrc:7 cname:sender',
        'a=ssrc:8 cname:sender',
      ]),
    );
    expect(lines).not.toContain('a=fmtp:96 ');
  });

  it('is an ICE-lite, passive answer with its candidates once', () => {
    const sections = [audioSection, { ...audioSection, mid: '2' }];
    const text = writeDescription({ ...localDescription, bundle: ['1', '2'], sections });
    expect(text).toContain('a=ice-lite\r\n');
    expect(text).toContain('a=setup:passive\r\n');
    expect(text.match(/a=candidate:1 1 udp 5 127\.0\.0\.1 8443 typ host/g)).toHaveLength(1);
    expect(text).toContain('a=group:BUNDLE 1 2\r\n');
  });

  it('names the transport where each stack looks for it', () => {
    const rejected: LocalSection = { ...audioSection, mid: '3', rejected: true };
    const text = writeDescription({
      ...localDescription,
      sections: [audioSection, { ...audioSection, mid: '2' }, rejected],
    });
    const named = text
      .split('m=')
      .map((block) => ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup'].filter((name) => block.includes(`a=${name}:`)));
    expect(named).toEqual([
      ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup'],
      ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup'],
      ['ice-ufrag', 'ice-pwd', 'setup'],
      ['setup'],
    ]);
  });

  it('announces sent tracks as in the contract', () => {
    const text = writeDescription(localDescription);
    expect(text).toContain('a=msid:sender voice_sender_12345678\r\n');
    expect(text).toContain('a=rtpmap:111 opus/48000/2\r\n');
    expect(parse(text).media[0]?.direction).toBe('sendrecv');
  });

  it('offers either DTLS role', () => {
    expect(writeDescription({ ...localDescription, type: 'offer' })).toContain('a=setup:actpass\r\n');
  });

  it('gives a rejected section port 0 and no transport, outside of the bundle', () => {
    const rejected: LocalSection = { ...audioSection, mid: '2', rejected: true, codecs: [], sending: undefined };
    const [, section] = parse(writeDescription({ ...localDescription, sections: [audioSection, rejected] })).media;
    expect(section).toMatchObject({ port: 0, mid: 2 });
    expect(section?.iceUfrag).toBeUndefined();
  });

  it('writes no BUNDLE group for a peer that has none, and no mid where the peer left it out', () => {
    const rejected: LocalSection = { ...audioSection, mid: '', rejected: true };
    const text = writeDescription({ ...localDescription, bundle: undefined, sections: [audioSection, rejected] });
    expect(text).not.toContain('BUNDLE');
    expect(text.match(/^a=mid:/gm)).toHaveLength(1);
  });

  it('puts the candidates into the tagged section, wherever that is', () => {
    const sections = [audioSection, { ...audioSection, mid: '2' }];
    const [, first, second] = writeDescription({ ...localDescription, bundle: ['2', '1'], sections }).split('m=');
    expect(first).not.toMatch(/a=candidate|a=fingerprint/);
    expect(second).toMatch(/a=fingerprint.*a=candidate/s);
  });

  it('reads back what it wrote', () => {
    const text = writeDescription({ ...localDescription, type: 'offer' });
    expect(parseDescription({ type: 'offer', sdp: text })).toMatchObject({
      ice: localDescription.ice,
      fingerprint: localDescription.fingerprint,
      sections: [{ mid: '1', direction: 'sendrecv', streamId: 'sender', ssrcs: [7] }],
    });
  });
});
