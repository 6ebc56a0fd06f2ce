import { describe, expect, it } from 'vitest';
import { audioLevelId, PayloadMap } from './capabilities.ts';
import type { Codec } from './description.ts';

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

const codec = (payloadType: number, mimeType: string, channels?: number): Codec => ({
  payloadType,
  mimeType,
  clockRate: 48_000,
  channels,
  parameters: 'minptime=20',
  feedback: ['transport-cc'],
});

describe('PayloadMap', () => {
  it("offers Chromium's numbers until the peer has named its own", () => {
    const payloads = new PayloadMap();
    expect(payloads.offerCodecs('audio').map(({ payloadType }) => payloadType)).toEqual([111]);
    expect(payloads.offerExtensions('audio')).toEqual([
      { uri: AUDIO_LEVEL, id: 1 },
      { uri: TRANSPORT_CC, id: 3 },
    ]);
  });

  it("adopts the peer's numbers, with our own parameters, and keeps them in offers", () => {
    const payloads = new PayloadMap();
    const accepted = payloads.acceptCodecs('audio', [codec(0, 'audio/PCMU'), codec(109, 'audio/Opus', 2)]);
    expect(accepted).toEqual([
      expect.objectContaining({
        payloadType: 109,
        parameters: 'minptime=10;useinbandfec=1',
        feedback: ['transport-cc'],
      }),
    ]);
    payloads.acceptExtensions('audio', [{ uri: AUDIO_LEVEL, id: 3 }]);
    expect(payloads.offerCodecs('audio')[0]?.payloadType).toBe(109);
    expect(payloads.offerExtensions('audio')).toEqual([
      { uri: AUDIO_LEVEL, id: 3 },
      { uri: TRANSPORT_CC, id: 4 },
    ]);
  });

  it('accepts neither mono Opus, nor unknown extensions, nor ids that need two bytes', () => {
    const payloads = new PayloadMap();
    expect(payloads.acceptCodecs('audio', [codec(111, 'audio/opus')])).toEqual([]);
    const offered = [
      { uri: AUDIO_LEVEL, id: 15 },
      { uri: 'urn:example', id: 2 },
    ];
    expect(payloads.acceptExtensions('audio', offered)).toEqual([]);
    expect(audioLevelId([])).toBe(0);
  });
});
