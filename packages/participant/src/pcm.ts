import type { ReceivedFrame } from '@rtcd/rtc/peer';
import { FrameQueue, type QueuedTrack } from './frame-queue.ts';
import { opusDurationMs } from './opus/opus-packet.ts';

/** Samples per second of `pcm`, as recognizers of speech take them. */
export const PCM_SAMPLE_RATE = 16_000;

/** Some samples of a voice. */
export interface PcmChunk {
  /** Mono, from -1 to 1, `PCM_SAMPLE_RATE` per second. */
  readonly samples: Float32Array;
  /** Time of the first sample on the clock of `Call.nowMs`, in milliseconds. */
  readonly timeMs: number;
  /** Reports whether the voice was silent or something is missing between the chunk before and this one. */
  readonly followsGap: boolean;
}

/** Packets of a voice follow each other by their durations. What is later begins after a pause. */
const MAX_JITTER_MS = 60;

/**
 * Decodes a voice for the recognition of speech, in chunks as its sender made them, usually of 20 ms. It begins with the next frame, and ends with the track. A reader that falls
 * behind by more than half a minute loses the oldest samples. Bytes that are no Opus are left out.
 */
export function pcm(track: QueuedTrack): AsyncIterableIterator<PcmChunk> {
  // Listens now, and not when the first chunk is asked for.
  return decode(new FrameQueue(track));
}

async function* decode(frames: FrameQueue): AsyncGenerator<PcmChunk> {
  // libopus, in WebAssembly: a packet that is not what it should be does no harm outside of that.
  const { OpusDecoder } = await import('opus-decoder');
  const decoder = new OpusDecoder({ sampleRate: PCM_SAMPLE_RATE, channels: 1 });
  try {
    await decoder.ready;
    let endMs = Number.NEGATIVE_INFINITY;
    let isMissing = false;
    for (let frame = await frames.next(); frame !== undefined; frame = await frames.next()) {
      const durationMs = opusDurationMs(frame.payload);
      const samples = durationMs === undefined ? undefined : decodeFrame(decoder, frame);
      isMissing ||= frame.followsLoss || samples === undefined;
      if (durationMs === undefined || samples === undefined) continue;
      const { timeMs } = frame;
      yield { samples, timeMs, followsGap: isMissing || timeMs - endMs > MAX_JITTER_MS };
      isMissing = false;
      endMs = timeMs + durationMs;
    }
  } finally {
    frames.close();
    decoder.free();
  }
}

interface Decoder {
  decodeFrame(packet: Uint8Array): {
    readonly channelData: readonly Float32Array[];
    readonly errors: readonly unknown[];
  };
}

/** Undefined for a packet that cannot be decoded. */
function decodeFrame(decoder: Decoder, { payload }: ReceivedFrame): Float32Array | undefined {
  const { channelData, errors } = decoder.decodeFrame(payload);
  const [samples] = channelData;
  return errors.length > 0 || samples === undefined || samples.length === 0 ? undefined : samples;
}
