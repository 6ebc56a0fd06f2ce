/** Values from getStats about one voice at one moment. Bytes and packets count from the start of the voice. */
export interface VoiceSample {
  readonly atMs: number;
  readonly bytes: number;
  readonly packets: number;
  readonly packetsLost: number;
  /** Linear, from 0 to 1. */
  readonly audioLevel: number;
}

/** Figures that the page shows about one voice. */
export interface Figures {
  readonly audioLevel: number;
  readonly bitrateBps?: number;
  /** From 0 to 1. */
  readonly lossRatio?: number;
}

type Stats = Readonly<Record<string, unknown>>;

/** The key of the own microphone's sample; all others are keyed by track id. */
export const ownVoice = 'own';

/** Figures are means over at least this long. */
const windowMs = 1000;

const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);

/** One sample per incoming voice and one for the own microphone, from a stats report (WebRTC Statistics, section 8). */
export function readSamples(report: Iterable<Stats>): Map<string, VoiceSample> {
  const samples = new Map<string, VoiceSample>();
  const own = { bytes: 0, packets: 0, packetsLost: 0, audioLevel: 0, atMs: 0 };
  for (const stats of report) {
    if (stats.kind !== 'audio') continue;
    switch (stats.type) {
      case 'inbound-rtp':
        samples.set(String(stats.trackIdentifier), {
          atMs: numberOf(stats.timestamp),
          bytes: numberOf(stats.bytesReceived),
          packets: numberOf(stats.packetsReceived),
          packetsLost: numberOf(stats.packetsLost),
          audioLevel: numberOf(stats.audioLevel),
        });
        break;
      case 'outbound-rtp':
        own.atMs = numberOf(stats.timestamp);
        own.bytes = numberOf(stats.bytesSent);
        own.packets = numberOf(stats.packetsSent);
        break;
      case 'remote-inbound-rtp':
        own.packetsLost = numberOf(stats.packetsLost);
        break;
      case 'media-source':
        own.audioLevel = numberOf(stats.audioLevel);
        break;
      default:
    }
  }
  return own.atMs > 0 ? samples.set(ownVoice, own) : samples;
}

/** Turns samples that come several times a second into levels at that pace and rates over whole windows. */
export class Meter {
  readonly #windows = new Map<string, { start: VoiceSample; figures: Figures }>();

  update(samples: ReadonlyMap<string, VoiceSample>): Map<string, Figures> {
    for (const key of this.#windows.keys()) if (!samples.has(key)) this.#windows.delete(key);
    const result = new Map<string, Figures>();
    for (const [key, sample] of samples) {
      const window = this.#windows.get(key) ?? { start: sample, figures: { audioLevel: 0 } };
      const complete = sample.atMs - window.start.atMs >= windowMs;
      const figures = complete
        ? figuresBetween(window.start, sample)
        : { ...window.figures, audioLevel: sample.audioLevel };
      this.#windows.set(key, { start: complete ? sample : window.start, figures });
      result.set(key, figures);
    }
    return result;
  }
}

/** Rates from `start` to `end`. Without a packet there is no loss to speak of. */
export function figuresBetween(start: VoiceSample, end: VoiceSample): Figures {
  const lost = Math.max(0, end.packetsLost - start.packetsLost);
  const expected = end.packets - start.packets + lost;
  const bitrateBps = ((end.bytes - start.bytes) * 8000) / (end.atMs - start.atMs);
  return { audioLevel: end.audioLevel, bitrateBps, ...(expected > 0 ? { lossRatio: lost / expected } : {}) };
}

/** 31,400 becomes "31 kbit/s". */
export function formatBitrate(bitrateBps: number | undefined): string {
  return bitrateBps === undefined ? '–' : `${Math.round(bitrateBps / 1000)} kbit/s`;
}

/** 0.0123 becomes "1.2 %". */
export function formatLoss(lossRatio: number | undefined): string {
  return lossRatio === undefined ? '–' : `${(lossRatio * 100).toFixed(1)} %`;
}

/** 0.42 becomes "0.4 ms", 41.7 becomes "42 ms". */
export function formatRoundTrip(roundTripMs: number | undefined): string {
  if (roundTripMs === undefined) return '–';
  return `${roundTripMs < 10 ? roundTripMs.toFixed(1) : Math.round(roundTripMs)} ms`;
}
