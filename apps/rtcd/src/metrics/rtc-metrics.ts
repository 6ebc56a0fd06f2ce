import type { RtcMetrics } from '@rtcd/rtc';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { createBoundHistogram } from './bound-histogram.ts';
import { DEFAULT_BUCKETS, LATENCY_BUCKETS, LOSS_BUCKETS } from './buckets.ts';
import { createQualityMetrics } from './quality-metrics.ts';

/** Registers the metrics that the SFU reports. */
export function createRtcMetrics(registry: Registry): RtcMetrics {
  const registers = [registry];

  function histogramByGroup(name: string, help: string, buckets: number[]): (groupID: string, value: number) => void {
    const histogram = new Histogram({ name, help, buckets, labelNames: ['groupID'], registers });
    return (groupID, value) => histogram.observe({ groupID }, value);
  }

  const sessions = new Gauge({
    name: 'rtcd_rtc_sessions_total',
    help: 'Current number of sessions',
    labelNames: ['groupID'],
    registers,
  });
  const connectionStates = new Counter({
    name: 'rtcd_rtc_conn_states_total',
    help: 'State changes of RTC connections',
    labelNames: ['type'],
    registers,
  });
  const errors = new Counter({
    name: 'rtcd_rtc_errors_total',
    help: 'Errors of RTC sessions',
    labelNames: ['groupID', 'type'],
    registers,
  });
  const tracks = new Gauge({
    name: 'rtcd_rtc_rtp_tracks_total',
    help: 'Current number of RTP tracks',
    labelNames: ['groupID', 'direction', 'type'],
    registers,
  });
  const writeTimes = createBoundHistogram({
    name: 'rtcd_rtc_rtp_tracks_writes_time',
    help: 'Seconds taken to send a packet of a track to its receivers',
    labelNames: ['groupID', 'type'],
    buckets: LATENCY_BUCKETS,
    registry,
  });

  return {
    ...createQualityMetrics(registry),
    sessionOpened: (groupID) => sessions.inc({ groupID }),
    sessionClosed: (groupID) => sessions.dec({ groupID }),
    connectionState: (type) => connectionStates.inc({ type }),
    error: (groupID, type) => errors.inc({ groupID, type }),
    trackAdded: (groupID, direction, type) => tracks.inc({ groupID, direction, type }),
    trackRemoved: (groupID, direction, type) => tracks.dec({ groupID, direction, type }),
    trackWriteTime: (groupID, type) => writeTimes.bind({ groupID, type }),
    connectionTime: histogramByGroup(
      'rtcd_rtc_connection_time',
      'Seconds from joining to being connected',
      DEFAULT_BUCKETS,
    ),
    dataChannelOpenTime: histogramByGroup(
      'rtcd_rtc_dc_open_time',
      'Seconds from joining to an open data channel',
      DEFAULT_BUCKETS,
    ),
    signalingLockGrabTime: histogramByGroup(
      'rtcd_rtc_signaling_lock_grab_time',
      'Seconds spent waiting for the signaling lock',
      DEFAULT_BUCKETS,
    ),
    signalingLockLockedTime: histogramByGroup(
      'rtcd_rtc_signaling_lock_locked_time',
      'Seconds for which the signaling lock was held',
      DEFAULT_BUCKETS,
    ),
    clientLossRate: histogramByGroup(
      'rtcd_rtc_client_loss_rate',
      'Ratio of packets lost, as clients report it',
      LOSS_BUCKETS,
    ),
    clientRtt: histogramByGroup(
      'rtcd_rtc_client_rtt',
      'Round-trip time in seconds, as clients report it',
      LATENCY_BUCKETS,
    ),
    clientJitter: histogramByGroup(
      'rtcd_rtc_client_jitter',
      'Jitter in seconds, as clients report it',
      LATENCY_BUCKETS,
    ),
  };
}
