import { expect, it, onTestFinished } from 'vitest';
import { openSfu, type RtcMetrics, type Sfu, type SfuOptions } from '../src/index.ts';
import { SimulatedCall } from '../src/testing/index.ts';

const refused = (code: string, field: string) =>
  expect.objectContaining({
    name: 'RtcError',
    code,
    message: expect.stringContaining(`invalid ${field} value: should `),
  });

async function openTestSfu(): Promise<Sfu> {
  const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
  onTestFinished(() => sfu.close());
  return sfu;
}

const props = { channelID: '', av1Support: false, dcSignaling: false };
const config = { groupID: 'g', callID: 'c', userID: 'u', sessionID: 's', props };
const message = { groupID: 'g', callID: 'c', userID: 'u', sessionID: 's', type: 3, data: new Uint8Array() };

it.each<[string, unknown]>([
  ['options', null],
  ['options', 'options'],
  ['udpPort', { udpPort: 'abc' }],
  ['udpPort', { udpPort: -1 }],
  ['udpPort', { udpPort: 70_000 }],
  ['udpPort', { udpPort: 1.5 }],
  ['udpAddress', { udpAddress: ['127.0.0.1'] }],
  ['enableIPv6', { enableIPv6: 'false' }],
  ['hostOverride', { hostOverride: 5 }],
  ['hostPortOverride', { hostPortOverride: 8443 }],
  ['maxSessions', { maxSessions: -1 }],
  ['maxSessions', { maxSessions: 0 }],
  ['logger', { logger: console }],
  ['metrics', { metrics: 'on' }],
  ['metrics.error', { metrics: { error: 5 } }],
  ['clock.unixMs', { clock: { nowMs: () => 0 } }],
  ['random', { random: 4 }],
  ['openIo', { openIo: {} }],
])('openSfu names %s if it is wrong', async (field, options) => {
  await expect(openSfu(options as SfuOptions)).rejects.toEqual(refused('invalid_option', field));
});

it.each<[string, unknown]>([
  ['config', undefined],
  ['groupID', {}],
  ['callID', { ...config, callID: undefined }],
  ['sessionID', { ...config, sessionID: 5 }],
  ['CallID', { ...config, callID: '' }],
  ['props', { ...config, props: undefined }],
  ['props.av1Support', { ...config, props: { ...props, av1Support: 'yes' } }],
])('join names %s if it is wrong', async (field, given) => {
  const sfu = await openTestSfu();
  expect(() => sfu.join(given as never)).toThrow(refused('invalid_config', field));
  expect(sfu.sessionCount).toBe(0);
});

it.each<[string, unknown]>([
  ['message', undefined],
  ['groupID', {}],
  ['sessionID', { ...message, sessionID: undefined }],
  ['groupID', { ...message, groupID: undefined }],
  ['type', { ...message, type: 99 }],
  ['data', { ...message, data: undefined }],
  ['data', { ...message, data: '{}' }],
])('receive names %s if it is wrong, and the session goes on', async (field, given) => {
  const sfu = await openTestSfu();
  sfu.join(config);
  expect(() => sfu.receive(given as never)).toThrow(refused('invalid_message', field));
  expect(sfu.sessionCount).toBe(1);
});

it('metrics may be partial, and keep their this', async () => {
  class Metrics implements Partial<RtcMetrics> {
    sessions = 0;
    sessionOpened(): void {
      this.sessions++;
    }
  }
  const metrics = new Metrics();
  const call = await SimulatedCall.start({ sfu: { metrics } });
  onTestFinished(() => call.close());
  await call.join('alice');
  await call.join('bob');
  expect(metrics.sessions).toBe(2);
});
