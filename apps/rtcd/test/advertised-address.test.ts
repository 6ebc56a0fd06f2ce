import { expect, it } from 'vitest';
import { startWithMedia } from './headless-calls.ts';

it('peers get the address that the service listens on', async () => {
  const { media, candidates } = await startWithMedia();
  expect(media).toMatchObject([{ protocol: 'udp' }, { protocol: 'tcp' }]);
  expect(candidates).toMatchObject([
    { protocol: 'udp', address: '127.0.0.1', port: media[0]!.port },
    { protocol: 'tcp', tcpType: 'passive', address: '127.0.0.1', port: media[1]!.port },
  ]);
});

it('peers get the host and port of the configuration instead, if they are set', async () => {
  const rtc = { ice_host_override: '203.0.113.7', ice_host_port_override: '9000' };
  const { media, candidates } = await startWithMedia({ config: { rtc } });
  expect(media).toMatchObject([{ address: '127.0.0.1' }, { address: '127.0.0.1' }]);
  expect(candidates).toMatchObject([
    { protocol: 'udp', address: '203.0.113.7', port: 9000 },
    { protocol: 'tcp', address: '203.0.113.7', port: 9000 },
  ]);
});

it('peers get an address when the configuration names a host', async () => {
  const { candidates } = await startWithMedia({ config: { rtc: { ice_host_override: 'localhost' } } });
  expect(candidates).toMatchObject([{ address: '127.0.0.1' }, { address: '127.0.0.1' }]);
});
