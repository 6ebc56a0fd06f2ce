import { describe, expect, it } from 'vitest';
import * as protocol from '../src/index.ts';

const ids = { groupID: 'g', callID: 'c', userID: 'u', sessionID: 's' };
const join = { callID: 'c', userID: 'u', sessionID: 's', channelID: '', av1Support: false, dcSignaling: false };
const rtc = { ...ids, type: 2, data: new Uint8Array(1) };

const functions: Readonly<Record<string, unknown>> = { ...protocol };

/** Calls as JavaScript does, without types. */
function call(name: keyof typeof protocol, argument: unknown): unknown {
  return (functions[name] as (argument: unknown) => unknown)(argument);
}

describe('encoding names the field that is wrong', () => {
  it.each<[keyof typeof protocol, unknown, string]>([
    ['encodeClientMessage', undefined, 'invalid message value: should be an object, is undefined'],
    ['encodeClientMessage', { type: 'nonsense' }, 'invalid type value: should be one of hello, join, '],
    ['encodeClientMessage', { type: 'join' }, 'invalid data value: should be an object, is undefined'],
    [
      'encodeClientMessage',
      { type: 'join', data: { callID: 'c' } },
      'invalid userID value: should be a string, is undefined',
    ],
    ['encodeClientMessage', { type: 'join', data: { ...join, av1Support: 'yes' } }, 'invalid av1Support value: '],
    ['encodeClientMessage', { type: 'leave', data: {} }, 'invalid sessionID value: '],
    [
      'encodeClientMessage',
      { type: 'rtc', data: { ...rtc, data: undefined } },
      'invalid data value: should be a Uint8Array',
    ],
    ['encodeClientMessage', { type: 'rtc', data: { ...rtc, data: 'text' } }, 'invalid data value: '],
    ['encodeClientMessage', { type: 'rtc', data: { ...rtc, type: 11 } }, 'invalid type value: '],
    ['encodeClientMessage', { type: 'rtc', data: { ...rtc, sessionID: '' } }, 'invalid sessionID value: '],
    ['encodeDataChannelMessage', { type: 'nonsense' }, 'invalid type value: '],
    ['encodeDataChannelMessage', { type: 'sdp' }, 'invalid description value: '],
    ['encodeDataChannelMessage', { type: 'jitter' }, 'invalid jitter message: '],
    ['encodeDataChannelMessage', { type: 'lock', granted: 1 }, 'invalid granted value: '],
    ['encodeDataChannelMessage', { type: 'mediaMap' }, 'invalid map value: '],
    ['encodeDataChannelMessage', { type: 'mediaMap', map: { 0: { type: 'voice' } } }, 'invalid 0.senderID value: '],
    ['encodeSessionDescription', { type: 'rollback', sdp: '' }, 'invalid type value: should be one of offer, answer'],
    ['encodeSessionDescription', { type: 'offer' }, 'invalid sdp value: '],
    ['encodeIceCandidate', {}, 'invalid candidate value: '],
    ['encodeIceCandidateInit', { candidate: '', sdpMLineIndex: '0' }, 'invalid sdpMLineIndex value: '],
    ['encodeScreenOn', {}, 'invalid screenStreamID value: '],
    ['encodeVideoOn', undefined, 'invalid data value: '],
  ])('%s(%j)', (name, argument, message) => {
    expect(() => call(name, argument)).toThrow(
      expect.objectContaining({
        name: 'ProtocolError',
        code: 'invalid_message',
        message: expect.stringContaining(message),
      }),
    );
  });

  it('lets an rtc message leave out what its session id implies', () => {
    const { sessionID, type, data } = rtc;
    const bytes = call('encodeClientMessage', { type: 'rtc', data: { sessionID, type, data } });
    expect(protocol.decodeClientMessage(bytes as Uint8Array)).toMatchObject({ data: { sessionID, callID: '' } });
  });
});

it.each([
  'decodeClientMessage',
  'decodeDataChannelMessage',
  'decodeSessionDescription',
  'decodeIceCandidate',
  'decodeScreenOn',
  'decodeVideoOn',
] as const)('%s accepts nothing but bytes', (name) => {
  for (const argument of [undefined, null, 'text', {}, [1, 2]]) {
    expect(() => call(name, argument)).toThrow(
      expect.objectContaining({ code: 'invalid_message', message: expect.stringContaining('should be a Uint8Array') }),
    );
  }
});

it.each([
  [undefined, 'config'],
  [{ ...ids }, 'props'],
  [{ ...ids, callID: 1, props: {} }, 'callID'],
  [{ ...ids, props: { channelID: '', av1Support: 0, dcSignaling: false } }, 'props.av1Support'],
])('the session config %j is invalid in %s', (config, field) => {
  for (const name of ['checkSessionConfig', 'sessionConfigToJSON'] as const) {
    expect(() => call(name, config)).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(`invalid ${field} value: `) }),
    );
  }
});
