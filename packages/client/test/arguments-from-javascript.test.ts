import { describe, expect, it } from 'vitest';
import { RtcdClient, RtcdClientPool } from '../src/index.ts';

const URL = 'http://127.0.0.1:1';
const JOIN = { callID: 'c', userID: 'u', sessionID: 's', channelID: '', av1Support: false, dcSignaling: false };
const RTC = { groupID: '', callID: 'c', userID: 'u', sessionID: 's', type: 2, data: new Uint8Array(1) };

/** Calls as JavaScript does, without types; a rejection counts as thrown. */
async function call(target: object, method: string, ...args: readonly unknown[]): Promise<unknown> {
  return (target as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args);
}

const refused = (code: string, field: string) =>
  expect.objectContaining({
    name: 'RtcdClientError',
    code,
    message: expect.stringContaining(`invalid ${field} value: should be `),
  });

describe.each([
  ['RtcdClient', (config: unknown) => new RtcdClient(config as never)],
  ['RtcdClientPool', (config: unknown) => new RtcdClientPool(config as never)],
])('the config of %s', (_name, create) => {
  it.each([
    ['config', undefined],
    ['config', null],
    ['URL', { url: 5 }],
    ['clientID', { url: URL, clientID: 5 }],
    ['authKey', { url: URL, authKey: null }],
    ['registerOnDemand', { url: URL, registerOnDemand: 'yes' }],
    ['requestTimeoutMs', { url: URL, requestTimeoutMs: -1 }],
    ['connectTimeoutMs', { url: URL, connectTimeoutMs: '5s' }],
    ['onReconnect', { url: URL, onReconnect: true }],
    ['logger', { url: URL, logger: console }],
    ['clock.setTimer', { url: URL, clock: Date }],
    ['dial', { url: URL, dial: {} }],
  ])('names %s in %j', (field, config) => {
    expect(() => create(config)).toThrow(refused('invalid_option', field));
  });
});

it.each([
  ['resolve', 'dns'],
  ['resolveIntervalMs', 0],
  ['loadTimeoutMs', Number.NaN],
  ['maxReconnectAttempts', -1],
  ['random', 0.5],
])('the config of RtcdClientPool: names %s', (field, value) => {
  expect(() => new RtcdClientPool({ url: URL, [field]: value })).toThrow(refused('invalid_option', field));
});

it.each<[string, readonly unknown[], string, string]>([
  ['join', [], 'invalid_message', 'data'],
  ['join', [{ callID: 'c' }], 'invalid_message', 'userID'],
  ['join', [{ ...JOIN, sessionID: 5 }], 'invalid_message', 'sessionID'],
  ['join', [{ ...JOIN, av1Support: undefined }], 'invalid_message', 'av1Support'],
  ['sendRtc', [], 'invalid_message', 'data'],
  ['sendRtc', [{ ...RTC, data: undefined }], 'invalid_message', 'data'],
  ['sendRtc', [{ ...RTC, data: '{"type":"offer"}' }], 'invalid_message', 'data'],
  ['sendRtc', [{ ...RTC, type: '2' }], 'invalid_message', 'type'],
  ['send', [], 'invalid_message', 'message'],
  ['send', [{ type: 'join' }], 'invalid_message', 'data'],
  ['leave', [], 'invalid_option', 'sessionID'],
  ['reconnect', [''], 'invalid_option', 'sessionID'],
  ['connect', [{ signal: 'now' }], 'invalid_option', 'signal'],
  ['connect', [null], 'invalid_option', 'options'],
  ['register', [{ clientID: 5 }], 'invalid_option', 'clientID'],
  ['register', [{ authKey: {} }], 'invalid_option', 'authKey'],
  ['unregister', [{ clientID: 5 }], 'invalid_option', 'clientID'],
  ['getSessions', [], 'invalid_option', 'callID'],
  ['getSession', ['c'], 'invalid_option', 'sessionID'],
])('client.%s with %j is refused, also before there is a connection', async (method, args, code, field) => {
  const client = new RtcdClient({ url: URL });
  await expect(call(client, method, ...args)).rejects.toEqual(refused(code, field));
  await client.close();
});

it.each<[string, readonly unknown[], string, string]>([
  ['placeCall', [], 'invalid_option', 'callID'],
  ['join', [{ callID: 'c' }], 'invalid_message', 'userID'],
  ['leave', [undefined], 'invalid_option', 'sessionID'],
  ['sendRtc', [{ ...RTC, data: null }], 'invalid_message', 'data'],
  ['getSessions', [7], 'invalid_option', 'callID'],
])('pool.%s with %j is refused', async (method, args, code, field) => {
  const pool = new RtcdClientPool({ url: URL });
  await expect(call(pool, method, ...args)).rejects.toEqual(refused(code, field));
  await pool.close();
});
