import { RtcMessageType } from '@rtcd/protocol';
import { DROP_REASONS, RtcError } from '@rtcd/rtc';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../src/metrics/metrics.ts';
import { samples } from './prometheus.ts';
import { ask, connect, registerClient, startService } from './support.ts';

const L = [
  '0.001',
  '0.005',
  '0.0075',
  '0.01',
  '0.025',
  '0.05',
  '0.075',
  '0.1',
  '0.25',
  '0.3',
  '0.4',
  '0.5',
  '0.75',
  '1',
];
const LOSS = ['0.001', '0.005', '0.0075', '0.01', '0.025', '0.05', '0.075', '0.1', '0.25', '0.5', '0.75', '1'];
const D = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10'];

/** Metrics in which everything has happened once. */
async function scrapeAll(): Promise<string> {
  const { rtc, ws, scrape } = createMetrics();
  rtc.sessionOpened('g');
  rtc.connectionState('connected');
  rtc.error('g', 'signaling_lock_timeout');
  rtc.trackAdded('g', 'in', 'audio/opus');
  rtc.trackWriteTime('g', 'voice')(0.003);
  rtc.connectionTime('g', 0.3);
  rtc.dataChannelOpenTime('g', 0.3);
  rtc.signalingLockGrabTime('g', 0.3);
  rtc.signalingLockLockedTime('g', 0.3);
  rtc.clientLossRate('g', 0.3);
  rtc.clientRtt('g', 0.35);
  rtc.clientJitter('g', 0.35);
  ws.connectionOpened('c');
  ws.messageReceived('c', 'join');
  ws.messageSent('c', 'rtc');
  return (await scrape()).body;
}

describe('metrics of the contract', () => {
  it.each([
    ['rtcd_rtc_rtp_tracks_total', 'gauge', [{ groupID: 'g', direction: 'in', type: 'audio/opus' }]],
    ['rtcd_rtc_sessions_total', 'gauge', [{ groupID: 'g' }]],
    ['rtcd_rtc_conn_states_total', 'counter', [{ type: 'connected' }]],
    ['rtcd_rtc_errors_total', 'counter', [{ groupID: 'g', type: 'signaling_lock_timeout' }]],
    ['rtcd_ws_connections_total', 'gauge', [{ clientID: 'c' }]],
    [
      'rtcd_ws_messages_total',
      'counter',
      [
        { clientID: 'c', type: 'join', direction: 'in' },
        { clientID: 'c', type: 'rtc', direction: 'out' },
      ],
    ],
  ])('%s is a %s with its labels', async (name, kind, labels) => {
    const text = await scrapeAll();
    expect(text).toContain(`# TYPE ${name} ${kind}\n`);
    expect(samples(text, name)).toEqual(labels.map((labelled) => ({ labels: labelled, value: 1 })));
  });

  it.each([
    ['rtcd_rtc_rtp_tracks_writes_time', { groupID: 'g', type: 'voice' }, L, 0.003],
    ['rtcd_rtc_connection_time', { groupID: 'g' }, D, 0.3],
    ['rtcd_rtc_dc_open_time', { groupID: 'g' }, D, 0.3],
    ['rtcd_rtc_signaling_lock_grab_time', { groupID: 'g' }, D, 0.3],
    ['rtcd_rtc_signaling_lock_locked_time', { groupID: 'g' }, D, 0.3],
    ['rtcd_rtc_client_loss_rate', { groupID: 'g' }, LOSS, 0.3],
    ['rtcd_rtc_client_rtt', { groupID: 'g' }, L, 0.35],
    ['rtcd_rtc_client_jitter', { groupID: 'g' }, L, 0.35],
  ])('%s is a histogram with its labels and buckets', async (name, labels, buckets, value) => {
    const text = await scrapeAll();
    expect(text).toContain(`# TYPE ${name} histogram\n`);
    expect(samples(text, `${name}_bucket`)).toEqual(
      [...buckets, '+Inf'].map((le) => ({
        labels: { ...labels, le },
        value: le === '+Inf' || Number(le) >= value ? 1 : 0,
      })),
    );
    expect(samples(text, `${name}_sum`)).toEqual([{ labels, value }]);
    expect(samples(text, `${name}_count`)).toEqual([{ labels, value: 1 }]);
  });

  it
    .runIf(process.platform === 'linux')
    .each([
      'rtcd_process_cpu_seconds_total',
      'rtcd_process_resident_memory_bytes',
      'rtcd_process_virtual_memory_bytes',
      'rtcd_process_virtual_memory_max_bytes',
      'rtcd_process_open_fds',
      'rtcd_process_max_fds',
      'rtcd_process_start_time_seconds',
    ])('%s', async (name) => {
    const [sample] = samples(await scrapeAll(), name);
    expect(sample?.labels).toEqual({});
    expect(sample?.value).toBeGreaterThan(0);
  });
});

describe('counting', () => {
  it.each(['hello', 'close'])('leaves out %s messages, as the original does', async (type) => {
    const { ws, scrape } = createMetrics();
    ws.messageSent('c', type);
    ws.messageReceived('c', type);
    expect(samples((await scrape()).body, 'rtcd_ws_messages_total')).toEqual([]);
  });

  it('sums up a histogram of the packet path, and counts values above all buckets', async () => {
    const { rtc, scrape } = createMetrics();
    const observe = rtc.trackWriteTime('g', 'voice');
    observe(0.001);
    observe(2);
    rtc.trackWriteTime('g', 'voice')(0.0011);
    const { body } = await scrape();
    const bucket = (le: string) =>
      samples(body, 'rtcd_rtc_rtp_tracks_writes_time_bucket').find(({ labels }) => labels.le === le)?.value;
    expect([bucket('0.001'), bucket('0.005'), bucket('1'), bucket('+Inf')]).toEqual([1, 2, 2, 3]);
    expect(samples(body, 'rtcd_rtc_rtp_tracks_writes_time_sum')[0]?.value).toBeCloseTo(2.0021);
  });

  it('reads the drops of the SFU, every reason from the first scrape on', async () => {
    const rtcd = await startService();
    const drops = async () => samples((await ask(`${rtcd.url}/metrics`)).body, 'rtcd_rtc_drops_total');
    expect(await drops()).toEqual(DROP_REASONS.map((reason) => ({ labels: { reason }, value: 0 })));
    rtcd.sfu.drops.stun_unauthentic = 3;
    await drops();
    rtcd.sfu.drops.stun_unauthentic = 4;
    expect((await drops()).filter(({ value }) => value > 0)).toEqual([
      { labels: { reason: 'stun_unauthentic' }, value: 4 },
    ]);
  });

  it('counts connections and messages of the WebSockets', async () => {
    const rtcd = await startService();
    const socket = await connect(rtcd, await registerClient(rtcd, 'client'));
    const join = { callID: 'c', userID: 'u', sessionID: 's', channelID: '', av1Support: false, dcSignaling: false };
    socket.send({ type: 'join', data: join });
    await rtcd.sfu.until(() => rtcd.sfu.sessionCount === 1);
    rtcd.sfu.say({ groupID: 'client', sessionID: 's' }, RtcMessageType.VoiceOn);
    await socket.next();
    const { body } = await ask(`${rtcd.url}/metrics`);
    expect(samples(body, 'rtcd_ws_connections_total')).toEqual([{ labels: { clientID: 'client' }, value: 1 }]);
    expect(samples(body, 'rtcd_ws_messages_total').map(({ labels }) => `${labels.direction} ${labels.type}`)).toEqual([
      'in join',
      'out vad',
    ]);
  });
});

it('are there while the SFU has no totals, since it is being started again', async () => {
  const { ws, addTotals, scrape } = createMetrics();
  addTotals(async () => {
    throw new RtcError('closed', 'the engine of the SFU is not running');
  });
  ws.connectionOpened('client');
  const { body } = await scrape();
  expect(samples(body, 'rtcd_ws_connections_total')).toMatchObject([{ value: 1 }]);
  expect(samples(body, 'rtcd_rtc_drops_total')).toEqual([]);
});
