import { decodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openSfu } from '../src/index.ts';
import type { LookupHost } from '../src/io/host-names.ts';
import { SimulatedCall } from '../src/testing/index.ts';

// RFC 8839 section 5.1: Firefox ignores candidates with host names.

const HOST = 'rtc.example.com';

async function start(lookupHost: LookupHost, hostOverride = HOST) {
  const warnings: { reason: string }[] = [];
  const warn = (fields: object) => void warnings.push(fields as { reason: string });
  const logger = { debug() {}, info() {}, warn, error: warn, child: () => logger };
  const call = await SimulatedCall.start({ sfu: { hostOverride, hostPortOverride: '8443', lookupHost, logger } });
  onTestFinished(() => call.close());
  const candidateLines = new Map<string, string[]>();
  call.sfu.on('message', ({ sessionID, type, data }) => {
    if (type !== RtcMessageType.SDP) return;
    candidateLines.set(sessionID, decodeSessionDescription(data).sdp.match(/^a=candidate:.*$/gm) ?? []);
  });
  return { call, warnings, candidateLines };
}

it('sends peers the address of a name in ice_host_override', async () => {
  const { call, candidateLines, warnings } = await start(async () => ['2001:db8::9', '192.0.2.1']);
  await call.join('a');
  expect(candidateLines.get('a')).toEqual([expect.stringContaining(' 192.0.2.1 8443 typ host')]);
  expect(warnings).toEqual([]);
});

it('starts with its own address if the name is unknown, warns, and switches to the right one when it is known', async () => {
  const lookup = vi.fn<LookupHost>().mockRejectedValue(new Error('getaddrinfo ENOTFOUND rtc.example.com'));
  const { call, candidateLines, warnings } = await start(lookup);
  expect(call.sfu.candidates).toMatchObject([{ address: '192.0.2.1' }]);
  expect(warnings).toMatchObject([{ name: HOST, reason: 'getaddrinfo ENOTFOUND rtc.example.com' }]);
  await call.join('before');
  lookup.mockResolvedValue(['198.51.100.7']);
  call.time.runFor(20_000);
  await vi.waitFor(() => expect(call.sfu.candidates).toMatchObject([{ address: '198.51.100.7' }]));
  call.join('after').catch(() => {}); // No such address in this network.
  await vi.waitFor(() =>
    expect(candidateLines.get('after')).toEqual([expect.stringContaining(' 198.51.100.7 8443 typ host')]),
  );
});

it.each([
  ['an address of the other family', '2001:db8::7'],
  ['pairs of other local addresses', '198.51.100.7/10.0.0.2'],
])('warns that %s has no effect', async (_, hostOverride) => {
  const { call, warnings } = await start(expect.unreachable, hostOverride);
  expect(call.sfu.candidates).toMatchObject([{ address: '192.0.2.1' }]);
  expect(warnings).toEqual([{ hostOverride, local: ['192.0.2.1'] }]);
});

it('does not start with a value that is neither an address nor a name', async () => {
  const openIo = vi.fn();
  await expect(openSfu({ hostOverride: '1.2.3.400', openIo })).rejects.toMatchObject({ code: 'invalid_option' });
  expect(openIo).not.toHaveBeenCalled();
});

it('does not start without an address that it was configured to listen on', async () => {
  await expect(openSfu({ udpAddress: '127.0.0.1,192.0.2.1', udpPort: 0 })).rejects.toMatchObject({
    code: 'address_not_available',
    message: expect.stringContaining('192.0.2.1'),
  });
});

it('leaves no socket open if it cannot determine its address', async () => {
  const options = { udpAddress: '127.0.0.1', udpPort: 0 };
  const first = await openSfu(options);
  const { port } = first.localAddresses[0]!;
  await first.close();
  const again = { ...options, udpPort: port };
  await expect(openSfu({ ...again, hostPortOverride: 'http' })).rejects.toMatchObject({ code: 'invalid_option' });
  await (await openSfu(again)).close();
});
