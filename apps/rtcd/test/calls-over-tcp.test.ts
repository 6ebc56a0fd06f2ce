import { once } from 'node:events';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { openPacketIo } from '@rtcd/packet-io';
import type { OpenParticipantIo } from '@rtcd/rtc/testing';
import { expect, it, onTestFinished } from 'vitest';
import { connectClient, joinHeadless, startWithMedia, talk, untilHears } from './headless-calls.ts';
import { scrape } from './prometheus.ts';

const overTcp: OpenParticipantIo = (handlers) =>
  openPacketIo({ ...handlers, addresses: [], tcp: { addresses: [{ address: '127.0.0.1', port: 0 }] } });

it('users whose networks block UDP are in calls with all others, and are counted', async () => {
  const rtcd = await startWithMedia();
  const client = await connectClient(rtcd);
  const alice = await joinHeadless(client, 'alice', { openIo: overTcp });
  const bob = await joinHeadless(client, 'bob');
  await Promise.all([untilHears(alice, 'bob', client), untilHears(bob, 'alice', client)]);
  await talk(alice, 'alice', bob, 10);
  await talk(bob, 'bob', alice, 10);
  const metrics = await scrape(rtcd);
  expect(metrics('rtcd_rtc_selected_paths', { protocol: 'tcp' })).toBe(1);
  expect(metrics('rtcd_rtc_selected_paths', { protocol: 'udp' })).toBe(1);
});

it('the media port takes TLS with the certificate of the API', async () => {
  const fixture = (name: string) =>
    fileURLToPath(new URL(`../../../packages/api/test/fixtures/${name}`, import.meta.url));
  const tls = { enable: true, cert_file: fixture('first.crt'), cert_key: fixture('first.key') };
  const { media } = await startWithMedia({ config: { api: { http: { tls } } } });
  const { port } = media.find(({ protocol }) => protocol === 'tcp')!;
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  expect(socket.getPeerCertificate().raw).toBeDefined();
});
