import {
  decodeClientMessage,
  decodeDataChannelMessage,
  decodeIceCandidate,
  decodeScreenOn,
  decodeSessionDescription,
  decodeVideoOn,
  encodeClientMessage,
  encodeDataChannelMessage,
  encodeIceCandidateInit,
  encodeScreenOn,
  encodeSessionDescription,
  encodeVideoOn,
  ProtocolError,
} from '@rtcd/protocol';
import { sampleMessages } from '@rtcd/protocol/testing';
import { ruleOfRoundTrip } from '../rules.ts';
import { type FuzzTarget, parseOrRefuse, Refused } from '../target.ts';

const samples = sampleMessages();

/** A decoder whose results can be encoded again. */
function decoder<T>(
  name: string,
  sources: readonly string[],
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  seeds: () => readonly Uint8Array[],
): FuzzTarget {
  return {
    name,
    sources,
    seeds,
    parse(input) {
      // Data is a view into the input: of a plain array, to be equal to what the encoder makes.
      const bytes = new Uint8Array(input);
      const value = parseOrRefuse(ProtocolError, () => decode(bytes));
      if (!(value instanceof Refused)) ruleOfRoundTrip(value, decode(encode(value)));
      return value;
    },
  };
}

const MESSAGEPACK = ['packages/protocol/src/messagepack.ts', 'packages/protocol/src/messagepack-scan.ts'];

/** Messages of clients and peers. */
export const PROTOCOL_TARGETS: readonly FuzzTarget[] = [
  decoder(
    'client-message',
    ['packages/protocol/src/client-message.ts', 'packages/protocol/src/rtc-message.ts', ...MESSAGEPACK],
    decodeClientMessage,
    encodeClientMessage,
    () => samples.client.map(encodeClientMessage),
  ),
  decoder(
    'data-channel-message',
    ['packages/protocol/src/data-channel-message.ts', 'packages/protocol/src/media-map.ts', ...MESSAGEPACK],
    decodeDataChannelMessage,
    encodeDataChannelMessage,
    () => samples.dataChannel.map(encodeDataChannelMessage),
  ),
  decoder(
    'session-description',
    ['packages/protocol/src/session-description.ts', 'packages/protocol/src/json.ts'],
    decodeSessionDescription,
    encodeSessionDescription,
    () => [encodeSessionDescription({ type: 'offer', sdp: 'v=0\r\n' })],
  ),
  decoder(
    'ice-candidate-init',
    ['packages/protocol/src/ice-candidate.ts', 'packages/protocol/src/json.ts'],
    decodeIceCandidate,
    encodeIceCandidateInit,
    () => [
      encodeIceCandidateInit({ candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 }),
      Buffer.from('{"candidate":"","sdpMid":null,"sdpMLineIndex":null,"usernameFragment":"u"}'),
    ],
  ),
  decoder('screen-on', ['packages/protocol/src/stream-announcement.ts'], decodeScreenOn, encodeScreenOn, () => [
    encodeScreenOn({ screenStreamID: 'screen' }),
  ]),
  decoder('video-on', ['packages/protocol/src/stream-announcement.ts'], decodeVideoOn, encodeVideoOn, () => [
    encodeVideoOn({ videoStreamID: 'video' }),
  ]),
];
