import { encodeDataChannelMessage } from '@rtcd/protocol';
import { expect, it } from 'vitest';
import { connectClient, handled, joinHeadless, startWithMedia, talk, untilHears } from './headless-calls.ts';
import { scrape } from './prometheus.ts';

// metrics.test.ts checks names, labels and buckets (section 7 of the contract); this one, that a call sets them.

const GROUP = { groupID: 'client' };
const OPUS = { ...GROUP, type: 'audio/opus' };

it('a call of two appears in the metrics, and the gauges return to zero when it ends', async () => {
  const rtcd = await startWithMedia();
  const client = await connectClient(rtcd);
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob', { dcSignaling: true });
  await Promise.all([untilHears(alice, 'bob', client), untilHears(bob, 'alice', client)]);
  await talk(alice, 'alice', bob, 10);
  bob.sendRawMessage(encodeDataChannelMessage({ type: 'lossRate', value: 0.25 }));
  bob.sendRawMessage(encodeDataChannelMessage({ type: 'roundTripTime', value: 0.125 }));
  bob.sendRawMessage(encodeDataChannelMessage({ type: 'jitter', value: 0.5 }));
  await untilHears(bob, 'alice', client);

  const during = await scrape(rtcd);
  expect(during('rtcd_rtc_sessions_total', GROUP)).toBe(2);
  expect(during('rtcd_rtc_rtp_tracks_total', { ...OPUS, direction: 'in' })).toBe(2);
  expect(during('rtcd_rtc_rtp_tracks_total', { ...OPUS, direction: 'out' })).toBe(2);
  expect(during('rtcd_rtc_rtp_tracks_writes_time_count', { ...GROUP, type: 'voice' })).toBe(10);
  expect(during('rtcd_rtc_conn_states_total', { type: 'connected' })).toBe(2);
  expect(during('rtcd_rtc_connection_time_count', GROUP)).toBe(2);
  expect(during('rtcd_rtc_dc_open_time_count', GROUP)).toBe(2);
  expect(during('rtcd_rtc_signaling_lock_grab_time_count', GROUP)).toBe(2);
  expect(during('rtcd_rtc_signaling_lock_locked_time_count', GROUP)).toBe(2);
  expect(during('rtcd_rtc_client_loss_rate_sum', GROUP)).toBe(0.25);
  expect(during('rtcd_rtc_client_rtt_sum', GROUP)).toBe(0.125);
  expect(during('rtcd_rtc_client_jitter_sum', GROUP)).toBe(0.5);
  expect(during('rtcd_ws_connections_total', { clientID: 'client' })).toBe(1);
  expect(
    during('rtcd_ws_messages_total', { clientID: 'client', type: 'join', direction: 'in' }),
  ).toBeGreaterThanOrEqual(2);

  client.leave('alice');
  client.leave('bob');
  await handled(client);
  const after = await scrape(rtcd);
  expect(after('rtcd_rtc_sessions_total', GROUP)).toBe(0);
  expect(after('rtcd_rtc_rtp_tracks_total', { ...OPUS, direction: 'in' })).toBe(0);
  expect(after('rtcd_rtc_rtp_tracks_total', { ...OPUS, direction: 'out' })).toBe(0);
  expect(after('rtcd_rtc_conn_states_total', { type: 'closed' })).toBeGreaterThanOrEqual(2);
});
