import { describe, expect, it } from 'vitest';
import {
  figuresBetween,
  formatBitrate,
  formatLoss,
  formatRoundTrip,
  Meter,
  ownVoice,
  readSamples,
  type VoiceSample,
} from './figures.ts';

const sample = (change: Partial<VoiceSample>): VoiceSample => ({
  atMs: 0,
  bytes: 0,
  packets: 0,
  packetsLost: 0,
  audioLevel: 0,
  ...change,
});

describe('readSamples', () => {
  it("finds incoming voices by track, and the page's own voice", () => {
    const samples = readSamples([
      {
        type: 'inbound-rtp',
        kind: 'audio',
        trackIdentifier: 'voice_a_1',
        timestamp: 5,
        bytesReceived: 100,
        packetsReceived: 2,
        packetsLost: 1,
        audioLevel: 0.5,
      },
      { type: 'inbound-rtp', kind: 'video', trackIdentifier: 'screen_a_1', timestamp: 5 },
      { type: 'outbound-rtp', kind: 'audio', timestamp: 6, bytesSent: 50, packetsSent: 1 },
      { type: 'remote-inbound-rtp', kind: 'audio', packetsLost: 3 },
      { type: 'media-source', kind: 'audio', audioLevel: 0.25 },
      { type: 'candidate-pair' },
    ]);
    expect([...samples]).toEqual([
      ['voice_a_1', { atMs: 5, bytes: 100, packets: 2, packetsLost: 1, audioLevel: 0.5 }],
      [ownVoice, { atMs: 6, bytes: 50, packets: 1, packetsLost: 3, audioLevel: 0.25 }],
    ]);
  });

  it('finds no own voice without a microphone', () => {
    expect([...readSamples([{ type: 'peer-connection' }])]).toEqual([]);
  });
});

describe('figuresBetween', () => {
  it('returns bits per second and the share of expected packets that was lost', () => {
    const figures = figuresBetween(
      sample({ atMs: 1000, bytes: 1000, packets: 10, packetsLost: 1 }),
      sample({ atMs: 3000, bytes: 9000, packets: 100, packetsLost: 11, audioLevel: 0.1 }),
    );
    expect(figures).toEqual({ audioLevel: 0.1, bitrateBps: 32_000, lossRatio: 0.1 });
  });

  it('reports no loss for a voice that sends nothing, and none below zero', () => {
    expect(figuresBetween(sample({}), sample({ atMs: 1000 }))).toEqual({ audioLevel: 0, bitrateBps: 0 });
    const duplicates = figuresBetween(sample({ packetsLost: 2 }), sample({ atMs: 1000, packets: 10, packetsLost: 1 }));
    expect(duplicates.lossRatio).toBe(0);
  });
});

describe('Meter', () => {
  it('follows levels at once and rates after whole windows', () => {
    const meter = new Meter();
    const at = (atMs: number, bytes: number, audioLevel: number) =>
      meter.update(new Map([['a', sample({ atMs, bytes, audioLevel })]])).get('a');
    expect(at(0, 0, 0.1)).toEqual({ audioLevel: 0.1 });
    expect(at(500, 900, 0.2)).toEqual({ audioLevel: 0.2 });
    expect(at(1000, 1000, 0.3)).toEqual({ audioLevel: 0.3, bitrateBps: 8000 });
    expect(at(1500, 9000, 0.4)).toEqual({ audioLevel: 0.4, bitrateBps: 8000 });
    expect(at(2000, 3000, 0.5)).toEqual({ audioLevel: 0.5, bitrateBps: 16_000 });
  });

  it('starts over with a voice that was gone', () => {
    const meter = new Meter();
    meter.update(new Map([['a', sample({ atMs: 0 })]]));
    meter.update(new Map());
    expect(meter.update(new Map([['a', sample({ atMs: 5000 })]])).get('a')).toEqual({ audioLevel: 0 });
  });
});

it('formats figures for display', () => {
  expect([formatBitrate(31_400), formatBitrate(undefined)]).toEqual(['31 kbit/s', '–']);
  expect([formatLoss(0.0123), formatLoss(undefined)]).toEqual(['1.2 %', '–']);
  expect([formatRoundTrip(0.42), formatRoundTrip(41.7), formatRoundTrip(undefined)]).toEqual(['0.4 ms', '42 ms', '–']);
});
