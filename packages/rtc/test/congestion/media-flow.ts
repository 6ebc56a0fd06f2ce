import { ALL_LAYERS } from '../../src/codecs/layers.ts';
import { Allocator } from '../../src/media/bandwidth/allocator.ts';
import { BandwidthEstimator } from '../../src/media/bandwidth/bandwidth-estimator.ts';
import type { Probe } from '../../src/media/bandwidth/probe-controller.ts';
import { VideoChoice } from '../../src/media/bandwidth/video-choice.ts';
import { TransportCcRecorder } from '../../src/rtcp/transport-cc-recorder.ts';
import type { EventQueue } from './event-queue.ts';
import type { Path } from './path.ts';

const FRAME_MS = 1_000 / 30;
const MAX_PAYLOAD_BYTES = 1_140;
const PADDING_BYTES = 257;
const OVERHEAD_BYTES = 60;
const AUDIO_BYTES = 140;
const AUDIO_MS = 20;
const FEEDBACK_MS = 50;
/** Frames leave at this multiple of the rate, so that they are spread, and a queue of frames empties. */
const PACING = 1.5;
/** Sizes of frames differ from the mean by so much, evenly. */
const FRAME_VARIATION = 0.2;
const SAMPLE_MS = 100;

export interface MediaFlowOptions {
  readonly events: EventQueue;
  readonly random: () => number;
  readonly forward: Path;
  /** Carries the feedback. */
  readonly backward: Path;
  readonly startMs?: number;
  readonly endMs?: number;
  /** Nothing but voice is sent from the first moment to the second. */
  readonly pauseMs?: readonly [number, number];
  /** Bits per second that the source can put to use. */
  readonly sourceBps: number;
  /** Encodings to choose from, as an SFU has to. Without, the source follows the estimate. */
  readonly levelsBps?: readonly number[] | undefined;
  readonly sendsProbes?: boolean;
}

/** State of a flow over 100 ms. */
export interface Sample {
  readonly atMs: number;
  readonly estimateBps: number;
  /** Voice included. */
  readonly arrivedBps: number;
  /** Longest time that a packet spent in queues. */
  readonly queuedMs: number;
}

/** Voice and video of one peer, sent at the estimate, with a receiver that reports arrivals. */
export class MediaFlow {
  readonly samples: Sample[] = [];
  /** Time in queues of each packet that arrived, and when it did. */
  readonly queuedMs: { readonly atMs: number; readonly ms: number }[] = [];
  audioSent = 0;
  audioDropped = 0;
  videoSent = 0;
  videoDropped = 0;
  probeBytes = 0;
  /** Times at which another encoding was chosen. */
  readonly switchesMs: number[] = [];
  readonly #options: MediaFlowOptions;
  readonly #estimator = new BandwidthEstimator();
  readonly #recorder = new TransportCcRecorder();
  readonly #allocator = new Allocator();
  readonly #choice = new VideoChoice();
  readonly #feedback = Buffer.alloc(1_200);
  #probe: Probe | undefined;
  #probeEndMs = 0;
  #arrivedBytes = 0;
  #longestQueuedMs = 0;

  constructor(options: MediaFlowOptions) {
    this.#options = options;
    const { events, startMs = 0 } = options;
    events.at(startMs, () => {
      this.#every(FRAME_MS, () => this.#sendFrame());
      this.#every(AUDIO_MS, () => this.#sendAudio());
      this.#every(FEEDBACK_MS, () => this.#sendFeedback());
      this.#every(SAMPLE_MS, () => this.#sample());
    });
  }

  /** Rate of the video at the moment. */
  get #videoBps(): number {
    const { events, pauseMs, sourceBps, levelsBps } = this.#options;
    if (pauseMs && events.nowMs >= pauseMs[0] && events.nowMs < pauseMs[1]) return 0;
    return levelsBps ? (levelsBps[this.#choice.level] ?? 0) : Math.min(this.#estimator.bps, sourceBps);
  }

  #every(intervalMs: number, run: () => void): void {
    const { events, endMs = Number.POSITIVE_INFINITY } = this.#options;
    const tick = () => {
      if (events.nowMs >= endMs) return;
      run();
      events.at(events.nowMs + intervalMs, tick);
    };
    tick();
  }

  #sendFrame(): void {
    const { events, random } = this.#options;
    const rateBps = this.#videoBps;
    const frameBytes = ((rateBps * FRAME_MS) / 8_000) * (1 + FRAME_VARIATION * (2 * random() - 1));
    const packets = Math.ceil(frameBytes / (MAX_PAYLOAD_BYTES + OVERHEAD_BYTES));
    const payloadBytes = Math.round(frameBytes / packets) - OVERHEAD_BYTES;
    for (let packet = 0; packet < packets; packet++) {
      events.at(events.nowMs + (packet * FRAME_MS) / PACING / packets, () =>
        this.#sendVideo(Math.max(20, payloadBytes)),
      );
    }
  }

  #sendVideo(payloadBytes: number): void {
    const { events, forward } = this.#options;
    const { nowMs } = events;
    const sequenceNumber = this.#estimator.sent(payloadBytes, nowMs, nowMs < this.#probeEndMs ? this.#probe?.id : 0);
    this.videoSent++;
    forward.send(
      payloadBytes + OVERHEAD_BYTES,
      (queuedMs) => {
        this.#recorder.record(sequenceNumber, events.nowMs);
        this.#arrived(payloadBytes + OVERHEAD_BYTES, queuedMs);
      },
      () => this.videoDropped++,
    );
  }

  #sendAudio(): void {
    this.audioSent++;
    this.#options.forward.send(
      AUDIO_BYTES,
      (queuedMs) => this.#arrived(AUDIO_BYTES, queuedMs),
      () => this.audioDropped++,
    );
  }

  #sendProbe(probe: Probe): void {
    const { events } = this.#options;
    const sizeBytes = PADDING_BYTES + OVERHEAD_BYTES;
    const intervalMs = (sizeBytes * 8_000) / (probe.targetBps - Math.min(this.#videoBps, probe.targetBps / 2));
    const packets = Math.max(probe.packets, Math.ceil(probe.durationMs / intervalMs));
    this.#probe = probe;
    this.#probeEndMs = events.nowMs + packets * intervalMs;
    this.probeBytes += packets * sizeBytes;
    for (let packet = 0; packet < packets; packet++) {
      events.at(events.nowMs + packet * intervalMs, () => this.#sendVideo(PADDING_BYTES));
    }
  }

  #sendFeedback(): void {
    const { events, backward } = this.#options;
    for (;;) {
      const end = this.#recorder.write(this.#feedback, 0, 1, 2);
      if (end === 0) return;
      const packet = Buffer.from(this.#feedback.subarray(0, end));
      backward.send(
        end + OVERHEAD_BYTES,
        () => this.#receiveFeedback(packet, events.nowMs),
        () => {},
      );
    }
  }

  #receiveFeedback(packet: Buffer, nowMs: number): void {
    const { sourceBps, levelsBps, pauseMs, sendsProbes = true } = this.#options;
    this.#estimator.receiveFeedback(packet, nowMs);
    const isPaused = pauseMs && nowMs >= pauseMs[0] && nowMs < pauseMs[1];
    const probe = sendsProbes && !isPaused ? this.#estimator.nextProbe(sourceBps, nowMs) : undefined;
    if (probe) this.#sendProbe(probe);
    if (levelsBps) this.#allocate(levelsBps, nowMs);
  }

  #allocate(levelsBps: readonly number[], nowMs: number): void {
    const choice = this.#choice;
    const { level } = choice;
    const rates = levelsBps.map((bps) => [{ layers: ALL_LAYERS, bitrateBps: bps, averageBps: bps }]);
    this.#allocator.allocate(
      [{ tier: 0, rates, flowing: level, choice }],
      { availableBps: this.#estimator.bps, isMeasured: true, isProbed: true },
      nowMs,
    );
    if (choice.level !== level) this.switchesMs.push(nowMs);
  }

  #arrived(sizeBytes: number, queuedMs: number): void {
    this.#arrivedBytes += sizeBytes;
    this.#longestQueuedMs = Math.max(this.#longestQueuedMs, queuedMs);
    this.queuedMs.push({ atMs: this.#options.events.nowMs, ms: queuedMs });
  }

  #sample(): void {
    this.samples.push({
      atMs: this.#options.events.nowMs,
      estimateBps: this.#estimator.bps,
      arrivedBps: (this.#arrivedBytes * 8_000) / SAMPLE_MS,
      queuedMs: this.#longestQueuedMs,
    });
    this.#arrivedBytes = 0;
    this.#longestQueuedMs = 0;
  }
}
