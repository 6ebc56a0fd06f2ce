import type { RtcMetrics } from '../ports.ts';

/** Metrics that know what has begun and not ended. */
export interface BalancedGauges {
  readonly metrics: RtcMetrics;
  /** Ends all that has begun: an engine that is lost reports no ends any more. */
  endAll(): void;
}

/** Passes all observations on to `metrics`. */
export function balanceGauges(metrics: RtcMetrics): BalancedGauges {
  const sessions = pair(metrics.sessionOpened, metrics.sessionClosed);
  const tracks = pair(metrics.trackAdded, metrics.trackRemoved);
  return {
    metrics: {
      ...metrics,
      sessionOpened: sessions.begin,
      sessionClosed: sessions.end,
      trackAdded: tracks.begin,
      trackRemoved: tracks.end,
    },
    endAll() {
      tracks.endAll();
      sessions.endAll();
    },
  };
}

function pair<Labels extends readonly string[]>(begin: (...labels: Labels) => void, end: (...labels: Labels) => void) {
  const begun = new Map<string, { readonly labels: Labels; readonly count: number }>();

  function change(labels: Labels, by: 1 | -1): void {
    const key = labels.join('\n');
    const count = (begun.get(key)?.count ?? 0) + by;
    if (count === 0) begun.delete(key);
    else begun.set(key, { labels, count });
  }

  return {
    begin(...labels: Labels) {
      change(labels, 1);
      begin(...labels);
    },
    end(...labels: Labels) {
      change(labels, -1);
      end(...labels);
    },
    endAll() {
      for (const { labels, count } of begun.values()) for (let ended = 0; ended < count; ended++) end(...labels);
      begun.clear();
    },
  };
}
