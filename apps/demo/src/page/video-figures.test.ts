import { expect, it } from 'vitest';
import { readVideoSamples, VideoMeter } from './video-figures.ts';

const report = (...stats: readonly { readonly id: string; readonly [key: string]: unknown }[]) =>
  new Map(stats.map((entry) => [entry.id, entry]));

const vp8 = { id: 'C', type: 'codec', mimeType: 'video/VP8' };
const inbound = (timestamp: number, bytesReceived: number, framesDecoded: number, packetsLost = 0) => ({
  id: 'I',
  type: 'inbound-rtp',
  kind: 'video',
  trackIdentifier: 'screen',
  codecId: 'C',
  timestamp,
  bytesReceived,
  framesDecoded,
  packetsLost,
  packetsReceived: framesDecoded * 3,
  frameWidth: 1280,
  frameHeight: 720,
  freezeCount: 1,
});

it('measures a received track over windows of a second', () => {
  const meter = new VideoMeter();
  const [first] = meter.update(readVideoSamples(report(vp8, inbound(0, 0, 0)))).values();
  expect(first).toEqual({ width: 1280, height: 720, codec: 'VP8', level: '', freezes: 1 });
  meter.update(readVideoSamples(report(vp8, inbound(500, 1, 1))));
  const figures = meter.update(readVideoSamples(report(vp8, inbound(2000, 250_000, 20, 3))));
  expect(figures.get('screen')).toMatchObject({ bitrateBps: 1_000_000, framesPerSecond: 10, lossRatio: 3 / 63 });
});

it("sums up the encodings of a sent track, and adds the browser's estimate", () => {
  const encoding = (rid: string, bytesSent: number) => ({
    id: rid,
    type: 'outbound-rtp',
    kind: 'video',
    mediaSourceId: 'M',
    codecId: 'C',
    rid,
    timestamp: 1,
    bytesSent,
    framesEncoded: bytesSent,
  });
  const samples = readVideoSamples(
    report(
      vp8,
      { id: 'M', type: 'media-source', kind: 'video', trackIdentifier: 'own' },
      { id: 'P', type: 'candidate-pair', nominated: true, availableOutgoingBitrate: 2_000_000 },
      encoding('l', 10),
      encoding('h', 40),
    ),
  );
  expect([...samples.keys()]).toEqual(['own']);
  expect(samples.get('own')).toMatchObject({ bytes: 50, frames: 40, level: 'l+h', codec: 'VP8', estimateBps: 2e6 });
});

it('reports no negative rate when the counters of a track restart', () => {
  const meter = new VideoMeter();
  meter.update(readVideoSamples(report(vp8, inbound(0, 5_000, 50))));
  const figures = meter.update(readVideoSamples(report(vp8, inbound(1000, 0, 0))));
  expect(figures.get('screen')).toMatchObject({ bitrateBps: 0, framesPerSecond: 0 });
});
