/** Values from getStats about one video stream at one moment. Counters count from the start of the stream. */
export interface VideoSample {
  readonly atMs: number;
  readonly bytes: number;
  readonly packets: number;
  readonly packetsLost: number;
  readonly frames: number;
  readonly freezes: number;
  readonly width: number;
  readonly height: number;
  /** As `VP8`. */
  readonly codec: string;
  /** The simulcast level that is sent, as `h`; several are joined by `+`. Empty for a stream without levels. */
  readonly level: string;
  /** The browser's estimate of the bandwidth that it can send with. */
  readonly estimateBps?: number;
}

/** Figures that the page shows about one video stream. Rates are missing in the first second. */
export interface VideoFigures
  extends Pick<VideoSample, 'width' | 'height' | 'codec' | 'level' | 'freezes' | 'estimateBps'> {
  readonly bitrateBps?: number;
  readonly framesPerSecond?: number;
  /** From 0 to 1. */
  readonly lossRatio?: number;
}

type Stats = Readonly<Record<string, unknown>>;
type Counter = 'bytes' | 'packets' | 'packetsLost' | 'frames';

const windowMs = 1000;

const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** One sample per video track that is received or sent, by track id, from a stats report (WebRTC Statistics, section 8). */
export function readVideoSamples(report: ReadonlyMap<string, Stats>): Map<string, VideoSample> {
  const samples = new Map<string, VideoSample>();
  const all = [...report.values()];
  const estimate = all.find(({ type, nominated }) => type === 'candidate-pair' && nominated)?.availableOutgoingBitrate;
  for (const stats of all) {
    if (stats.kind !== 'video') continue;
    const codec = textOf(report.get(textOf(stats.codecId))?.mimeType).replace('video/', '');
    if (stats.type === 'inbound-rtp') samples.set(textOf(stats.trackIdentifier), inboundSample(stats, codec));
    if (stats.type !== 'outbound-rtp') continue;
    const trackId = textOf(report.get(textOf(stats.mediaSourceId))?.trackIdentifier);
    if (trackId === '') continue;
    const sample = outboundSample(stats, codec, report.get(textOf(stats.remoteId)));
    const sum = joined(samples.get(trackId), sample);
    samples.set(trackId, typeof estimate === 'number' ? { ...sum, estimateBps: estimate } : sum);
  }
  return samples;
}

function inboundSample(stats: Stats, codec: string): VideoSample {
  return {
    atMs: numberOf(stats.timestamp),
    bytes: numberOf(stats.bytesReceived),
    packets: numberOf(stats.packetsReceived),
    packetsLost: numberOf(stats.packetsLost),
    frames: numberOf(stats.framesDecoded),
    freezes: numberOf(stats.freezeCount),
    width: numberOf(stats.frameWidth),
    height: numberOf(stats.frameHeight),
    codec,
    level: '',
  };
}

function outboundSample(stats: Stats, codec: string, remote: Stats | undefined): VideoSample {
  return {
    atMs: numberOf(stats.timestamp),
    bytes: numberOf(stats.bytesSent),
    packets: numberOf(stats.packetsSent),
    packetsLost: numberOf(remote?.packetsLost),
    frames: numberOf(stats.framesEncoded),
    freezes: 0,
    width: numberOf(stats.frameWidth),
    height: numberOf(stats.frameHeight),
    codec,
    level: textOf(stats.rid),
  };
}

/** All encodings of a track taken together. The frames are those of the encoding with the most. */
function joined(one: VideoSample | undefined, other: VideoSample): VideoSample {
  if (one === undefined) return other;
  const names = (key: 'codec' | 'level') => [...new Set([one[key], other[key]])].filter(Boolean).join('+');
  return {
    ...other,
    bytes: one.bytes + other.bytes,
    packets: one.packets + other.packets,
    packetsLost: one.packetsLost + other.packetsLost,
    frames: Math.max(one.frames, other.frames),
    width: Math.max(one.width, other.width),
    height: Math.max(one.height, other.height),
    codec: names('codec'),
    level: names('level'),
  };
}

/** Turns samples into rates over windows of a second. */
export class VideoMeter {
  readonly #windows = new Map<string, { start: VideoSample; rates: Pick<VideoFigures, 'bitrateBps'> }>();

  update(samples: ReadonlyMap<string, VideoSample>): Map<string, VideoFigures> {
    for (const key of this.#windows.keys()) if (!samples.has(key)) this.#windows.delete(key);
    const result = new Map<string, VideoFigures>();
    for (const [key, sample] of samples) {
      const window = this.#windows.get(key) ?? { start: sample, rates: {} };
      if (sample.atMs - window.start.atMs >= windowMs) {
        window.rates = ratesBetween(window.start, sample);
        window.start = sample;
      }
      this.#windows.set(key, window);
      const { width, height, codec, level, freezes, estimateBps } = sample;
      const estimate = estimateBps === undefined ? {} : { estimateBps };
      result.set(key, { width, height, codec, level, freezes, ...estimate, ...window.rates });
    }
    return result;
  }
}

function ratesBetween(start: VideoSample, end: VideoSample) {
  const seconds = (end.atMs - start.atMs) / 1000;
  // A counter that went back is one of a new stream.
  const growth = (counter: Counter) => Math.max(0, end[counter] - start[counter]);
  const expected = growth('packets') + growth('packetsLost');
  return {
    bitrateBps: (growth('bytes') * 8) / seconds,
    framesPerSecond: growth('frames') / seconds,
    ...(expected > 0 ? { lossRatio: growth('packetsLost') / expected } : {}),
  };
}
