import type { RtcMetrics, VideoStreamCount } from '@rtcd/rtc';
import { Counter, Gauge, type Registry } from 'prom-client';
import { createBoundHistogram } from './bound-histogram.ts';
import { LATENCY_BUCKETS, LOSS_BUCKETS } from './buckets.ts';
import { clientLabel } from './client-label.ts';

/** Buckets for rates, in bits per second: from what one video needs at least to what a large call needs. */
const RATE_BUCKETS = [100_000, 250_000, 500_000, 1_000_000, 2_000_000, 3_500_000, 5_000_000, 10_000_000];

/** Registers metrics of how tracks arrive at their receivers. */
export function createQualityMetrics(
  registry: Registry,
): Pick<RtcMetrics, 'receiverReport' | 'keyframeRequested' | 'videoDecided' | 'bandwidthEstimate'> {
  const labelNames = ['groupID', 'type'] as const;
  const lossRates = createBoundHistogram({
    name: 'rtcd_rtc_receiver_loss_rate',
    help: 'Ratio of packets lost on the way to a receiver, as its RTCP reports say',
    labelNames,
    buckets: LOSS_BUCKETS,
    registry,
  });
  const roundTripTimes = createBoundHistogram({
    name: 'rtcd_rtc_receiver_rtt',
    help: 'Round-trip time to a receiver in seconds, by its RTCP reports',
    labelNames,
    buckets: LATENCY_BUCKETS,
    registry,
  });
  const estimates = createBoundHistogram({
    name: 'rtcd_rtc_bandwidth_estimate',
    help: 'Estimated bandwidth to a receiver of video in bits per second, about once a second',
    labelNames: ['groupID'],
    buckets: RATE_BUCKETS,
    registry,
  });
  const keyframeRequests = new Counter({
    name: 'rtcd_rtc_keyframe_requests_total',
    help: 'Key frames that receivers asked for',
    labelNames,
    registers: [registry],
  });
  const decisions = new Counter({
    name: 'rtcd_rtc_video_decisions_total',
    help: 'Decisions on what of a video a receiver is sent',
    labelNames: ['groupID', 'type', 'level', 'reason'],
    registers: [registry],
  });
  return {
    receiverReport(groupID, type) {
      const observeLoss = lossRates.bind({ groupID, type });
      const observeRoundTrip = roundTripTimes.bind({ groupID, type });
      return (lossRatio, roundTripSeconds) => {
        observeLoss(lossRatio);
        if (roundTripSeconds !== undefined) observeRoundTrip(roundTripSeconds);
      };
    },
    keyframeRequested: (groupID, type) => keyframeRequests.inc({ groupID, type }),
    videoDecided: (groupID, type, level, reason) => decisions.inc({ groupID, type, level, reason }),
    bandwidthEstimate: (groupID, bitsPerSecond) => estimates.bind({ groupID })(bitsPerSecond),
  };
}

/** Registers the videos that receivers are sent: they are counted when Prometheus scrapes. */
export function createVideoStreamMetrics(registry: Registry, read: () => readonly VideoStreamCount[]): void {
  new Gauge({
    name: 'rtcd_rtc_video_streams_total',
    help: 'Current number of videos sent to receivers, by the encoding that flows',
    labelNames: ['groupID', 'type', 'level'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { groupID, type, level, streams } of read())
        this.set({ groupID: clientLabel(groupID), type, level }, streams);
    },
  });
}
