import { describe, expect, it } from 'vitest';
import { PayloadMap } from './capabilities.ts';
import { codecKey, isSameCodec } from './codec-table.ts';
import type { Codec } from './description.ts';

const codec = (name: string, parameters = '', payloadType = 96): Codec => ({
  payloadType,
  mimeType: `video/${name}`,
  clockRate: 90_000,
  parameters,
  feedback: ['nack', 'nack pli', 'x-unknown'],
});

describe('codecKey', () => {
  it.each([
    ['VP8', '', 'vp8', 'max-fs=12288;max-fr=60'],
    ['H264', 'packetization-mode=1;profile-level-id=42e01f', 'h264', 'profile-level-id=42E034; packetization-mode=1'],
    ['H264', 'profile-level-id=42e01f', 'H264', 'packetization-mode=0;profile-level-id=4d801f'],
    ['VP9', '', 'VP9', 'profile-id=0'],
    ['AV1', '', 'AV1', 'level-idx=8;profile=0;tier=1'],
  ])('is one for the same format: %s %s', (name, parameters, otherName, otherParameters) => {
    expect(isSameCodec(codec(name, parameters), codec(otherName, otherParameters))).toBe(true);
  });

  it.each([
    ['H264', 'packetization-mode=1;profile-level-id=42e01f', 'packetization-mode=0;profile-level-id=42e01f'],
    ['H264', 'packetization-mode=1;profile-level-id=42e01f', 'packetization-mode=1;profile-level-id=42001f'],
    ['H264', 'packetization-mode=1;profile-level-id=64001f', 'packetization-mode=1;profile-level-id=640c1f'],
    ['VP9', 'profile-id=0', 'profile-id=2'],
    ['AV1', '', 'profile=1'],
  ])('tells formats apart: %s %s and %s', (name, parameters, other) => {
    expect(isSameCodec(codec(name, parameters), codec(name, other))).toBe(false);
  });

  it('distinguishes rates and channels', () => {
    const opus = { mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: '' };
    expect(codecKey(opus)).not.toBe(codecKey({ ...opus, channels: 1 }));
    expect(codecKey(opus)).not.toBe(codecKey({ ...opus, clockRate: 16_000 }));
  });
});

describe('PayloadMap of video', () => {
  const numbers = (codecs: readonly Codec[]) =>
    codecs.map(({ mimeType, payloadType, rtxPayloadType }) => [mimeType.slice(6), payloadType, rtxPayloadType]);
  const vp8 = { mimeType: 'video/VP8', clockRate: 90_000 };

  it('offers the codec of the track first, and then the others under their usual numbers', () => {
    const payloads = new PayloadMap();
    const usual = [
      ['VP8', 96, 97],
      ['AV1', 45, 46],
      ['H264', 108, 109],
      ['VP9', 98, 99],
    ];
    expect(numbers(payloads.offerCodecs('video', vp8))).toEqual(usual);
    const av1 = { mimeType: 'video/AV1', clockRate: 90_000, parameters: 'level-idx=5;profile=0;tier=0' };
    expect(numbers(payloads.offerCodecs('video', av1))).toEqual([usual[1], usual[0], usual[2], usual[3]]);
    const high = codec('H264', 'packetization-mode=1;profile-level-id=64001f');
    const [first] = payloads.offerCodecs('video', high);
    expect(first).toMatchObject({ mimeType: 'video/H264', parameters: expect.stringContaining('64001f') });
  });

  it('accepts one format of each name, VP8 first, with its feedback and retransmissions', () => {
    const offered = [
      codec('AV1', 'profile=0', 39),
      codec('H264', 'packetization-mode=0;profile-level-id=42e01f', 114),
      {
        ...codec('H264', 'packetization-mode=1;profile-level-id=42e02a;level-asymmetry-allowed=1', 108),
        rtxPayloadType: 109,
      },
      codec('H265', '', 50),
      { ...codec('VP8', '', 120), rtxPayloadType: 124 },
    ];
    const accepted = new PayloadMap().acceptCodecs('video', offered);
    expect(numbers(accepted)).toEqual([
      ['VP8', 120, 124],
      ['AV1', 39, undefined],
      ['H264', 108, 109],
    ]);
    expect(accepted.map(({ parameters }) => parameters)).toEqual([
      '',
      'profile=0',
      'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e02a',
    ]);
    expect(accepted[0]?.feedback).toEqual(['nack', 'nack pli']);
  });

  it('uses no number for its own codecs that the peer uses for another', () => {
    const payloads = new PayloadMap();
    payloads.acceptCodecs('video', [
      codec('H265', '', 96),
      { ...codec('VP9', 'profile-id=0', 45), rtxPayloadType: 97 },
    ]);
    const offered = numbers(payloads.offerCodecs('video', vp8)).flatMap(([, ...both]) => both);
    expect(new Set(offered).size).toBe(offered.length);
    expect(offered).not.toContain(96);
    expect(numbers(payloads.offerCodecs('video', vp8))).toContainEqual(['VP9', 45, 97]);
    payloads.acceptCodecs('video', [codec('H265', '', 45), codec('VP8', '', 99)]);
    const renumbered = numbers(payloads.offerCodecs('video', vp8));
    expect(renumbered[0]?.[1]).toBe(99);
    expect(renumbered.flatMap(([, ...both]) => both)).not.toContain(45);
  });

  it('repeats no parameter that is not plainly one', () => {
    const hostile = codec('H264', 'packetization-mode=1;profile-level-id=42e01f\r\na=x;level-asymmetry-allowed=1 2');
    const accept = (offered: Codec) => new PayloadMap().acceptCodecs('video', [offered])[0]?.parameters;
    expect(accept(hostile)).toBe('packetization-mode=1');
    expect(accept(codec('AV1', 'tier=0\r\na=evil:1;level-idx=5'))).toBe('level-idx=5');
  });
});
