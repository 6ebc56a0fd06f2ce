import { startRtcd } from 'rtcd/testing';
import { describe, expect, it } from 'vitest';
import { readJson, readYaml } from '../src/deploy/files.ts';
import { announcedSeries, readQuery } from '../src/deploy/prometheus.ts';

/** Labels of our metrics (section 7 of the contract); Prometheus itself adds job, instance and le. */
const LABELS: readonly (readonly [series: RegExp, labels: readonly string[]])[] = [
  [/^rtcd_rtc_rtp_tracks_total$/, ['groupID', 'direction', 'type']],
  [/^rtcd_rtc_rtp_tracks_writes_time_/, ['groupID', 'type']],
  [/^rtcd_rtc_conn_states_total$/, ['type']],
  [/^rtcd_rtc_errors_total$/, ['groupID', 'type']],
  [/^rtcd_rtc_drops_total$/, ['reason']],
  [/^rtcd_rtc_(receiver_|keyframe_requests_total$)/, ['groupID', 'type']],
  [/^rtcd_rtc_video_decisions_total$/, ['groupID', 'type', 'level', 'reason']],
  [/^rtcd_rtc_video_streams_total$/, ['groupID', 'type', 'level']],
  [/^rtcd_rtc_/, ['groupID']],
  [/^rtcd_ws_connections_total$/, ['clientID']],
  [/^rtcd_ws_messages_total$/, ['clientID', 'type', 'direction']],
  [/^rtcd_process_unhandled_errors_total$/, ['kind']],
  [/^/, []],
];
const ADDED_LABELS = ['job', 'instance', 'le'];

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | { query: string } }[];
  };
}

interface AlertRules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

describe('monitoring', async () => {
  const dashboard = await readJson<Dashboard>('grafana/dashboard.json');
  const alerts = (await readYaml<AlertRules>('prometheus/alerts.yaml')).groups.flatMap(({ rules }) => rules);
  const inPanels = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const inVariables = dashboard.templating.list.flatMap(({ query }) =>
    typeof query === 'string' ? [] : [query.query],
  );
  const inAlerts = alerts.map(({ expr }) => expr);

  it('queries only series of the service', async () => {
    const rtcd = await startRtcd();
    const series = announcedSeries(await (await fetch(`${rtcd.url}/metrics`)).text());
    await rtcd.close();
    for (const expression of [...inPanels, ...inVariables, ...inAlerts]) {
      const query = readQuery(expression);
      if (!expression.startsWith('up{')) expect(query.series, expression).not.toEqual([]);
      for (const name of query.series) expect(series, expression).toContain(name);
    }
  });

  it('queries only labels of these series', () => {
    for (const expression of [...inPanels, ...inVariables, ...inAlerts]) {
      const { series, labels } = readQuery(expression);
      const known = series.flatMap((name) => LABELS.find(([pattern]) => pattern.test(name))?.[1] ?? []);
      for (const label of labels) expect([...known, ...ADDED_LABELS], expression).toContain(label);
    }
  });

  it('shows every metric of the contract', () => {
    const shown = inPanels.flatMap((expression) => readQuery(expression).series);
    const families = new Set(shown.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const contract = [
      ...['rtp_tracks_total', 'rtp_tracks_writes_time', 'sessions_total', 'conn_states_total', 'errors_total'],
      ...['connection_time', 'dc_open_time', 'signaling_lock_grab_time', 'signaling_lock_locked_time'],
      ...['client_loss_rate', 'client_rtt', 'client_jitter'],
    ].map((name) => `rtcd_rtc_${name}`);
    expect([...families]).toEqual(
      expect.arrayContaining([...contract, 'rtcd_ws_connections_total', 'rtcd_ws_messages_total']),
    );
  });

  it('uses defined variables, and panels that do not overlap', () => {
    const builtIn = ['__rate_interval'];
    const variables = [...dashboard.templating.list.map(({ name }) => name), ...builtIn];
    for (const expression of inPanels) {
      for (const [, name] of expression.matchAll(/\$(\w+)/g)) expect(variables).toContain(name);
    }
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('names each alert once', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });
});
