import {
  type ClientMessage,
  type DataChannelMessage,
  decodeClientMessage,
  decodeDataChannelMessage,
  decodeIceCandidate,
  decodeSessionDescription,
  encodeClientMessage,
  encodeDataChannelMessage,
  encodeIceCandidate,
  encodeIceCandidateInit,
  encodeSessionDescription,
  RtcMessageType,
  type SessionConfig,
  sessionConfigFromJSON,
  sessionConfigToJSON,
} from '@rtcd/protocol';
import { sampleMessages, sampleSessionConfig } from '@rtcd/protocol/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Well-formed, as JavaScript strings may hold lone surrogates that UTF-8 cannot. */
const id = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const maybeEmptyID = fc.string({ maxLength: 40, unit: 'grapheme' });

const rtcData = (types: readonly RtcMessageType[]) =>
  fc.record({
    groupID: maybeEmptyID,
    userID: maybeEmptyID,
    sessionID: id,
    callID: maybeEmptyID,
    type: fc.constantFrom(...types),
    data: fc.uint8Array({ maxLength: 300 }),
  });

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), data: fc.record({ clientID: id, connID: id }) }),
  fc.record({
    type: fc.constant('join' as const),
    data: fc.record({
      callID: maybeEmptyID,
      userID: maybeEmptyID,
      sessionID: maybeEmptyID,
      channelID: maybeEmptyID,
      av1Support: fc.boolean(),
      dcSignaling: fc.boolean(),
    }),
  }),
  fc.record({
    type: fc.constantFrom('leave' as const, 'reconnect' as const, 'close' as const),
    data: fc.record({ sessionID: id }),
  }),
  fc.record({ type: fc.constant('rtc' as const), data: rtcData(Object.values(RtcMessageType)) }),
  fc.record({ type: fc.constant('vad' as const), data: rtcData([RtcMessageType.VoiceOn, RtcMessageType.VoiceOff]) }),
);

const description = fc.record({
  type: fc.constantFrom('offer' as const, 'answer' as const),
  sdp: fc.string({ minLength: 1, unit: 'grapheme' }),
});

const dataChannelMessage: fc.Arbitrary<DataChannelMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const, 'unlock' as const, 'lock' as const) }),
  fc.record({ type: fc.constant('lock' as const), granted: fc.boolean() }),
  fc.record({ type: fc.constant('sdp' as const), description }),
  fc.record({
    type: fc.constantFrom('lossRate' as const, 'roundTripTime' as const, 'jitter' as const),
    value: fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e9, noNaN: true })),
  }),
  fc.record({
    type: fc.constant('mediaMap' as const),
    map: fc.dictionary(
      fc.nat({ max: 9999 }).map(String),
      fc.record({
        type: fc.constantFrom('voice' as const, 'screen' as const, 'screen-audio' as const, 'video' as const),
        senderID: id,
      }),
      { noNullPrototype: true },
    ),
  }),
);

describe('what is written is read back the same', () => {
  it('client messages', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        expect(decodeClientMessage(encodeClientMessage(message))).toEqual(message);
      }),
    );
  });

  it('data channel messages', () => {
    fc.assert(
      fc.property(dataChannelMessage, (message) => {
        expect(decodeDataChannelMessage(encodeDataChannelMessage(message))).toEqual(message);
      }),
    );
  });

  it('session descriptions', () => {
    fc.assert(
      fc.property(description, (value) => {
        expect(decodeSessionDescription(encodeSessionDescription(value))).toEqual(value);
      }),
    );
  });

  it('ICE candidates, in the form of either direction', () => {
    const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
    const candidate = fc.record({
      candidate: fc.string(),
      sdpMid: nullable(fc.string({ maxLength: 16 })),
      sdpMLineIndex: nullable(fc.nat({ max: 0xffff })),
      usernameFragment: nullable(fc.string({ maxLength: 256 })),
    });
    fc.assert(
      fc.property(candidate, (value) => {
        expect(decodeIceCandidate(encodeIceCandidateInit(value))).toEqual(value);
        expect(decodeIceCandidate(encodeIceCandidate(value))).toEqual(value);
      }),
    );
  });

  it('session configs', () => {
    const config: fc.Arbitrary<SessionConfig> = fc.record({
      groupID: id,
      callID: id,
      userID: id,
      sessionID: id,
      props: fc.record({ channelID: maybeEmptyID, av1Support: fc.boolean(), dcSignaling: fc.boolean() }),
    });
    fc.assert(
      fc.property(config, (value) => {
        expect(sessionConfigFromJSON(JSON.parse(JSON.stringify(sessionConfigToJSON(value))))).toEqual(value);
      }),
    );
  });

  it('the samples', () => {
    const config = sampleSessionConfig({ groupID: 'clientA', props: { av1Support: true } });
    const { client, dataChannel } = sampleMessages(config);
    for (const message of client) expect(decodeClientMessage(encodeClientMessage(message))).toEqual(message);
    for (const message of dataChannel) {
      expect(decodeDataChannelMessage(encodeDataChannelMessage(message))).toEqual(message);
    }
    expect(config).toMatchObject({ groupID: 'clientA', props: { av1Support: true, dcSignaling: true } });
  });
});
