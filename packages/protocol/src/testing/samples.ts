import type { ClientMessage } from '../client-message.ts';
import type { DataChannelMessage } from '../data-channel-message.ts';
import { encodeIceCandidateInit, type IceCandidateInit } from '../ice-candidate.ts';
import { newID } from '../id.ts';
import { type RtcMessage, RtcMessageType } from '../rtc-message.ts';
import type { SessionConfig, SessionProps } from '../session-config.ts';
import { encodeSessionDescription, type SessionDescription } from '../session-description.ts';
import { encodeScreenOn, encodeVideoOn } from '../stream-announcement.ts';

/** Fields that differ from the sample; props are merged one by one. */
export type SessionConfigOverrides = Partial<Omit<SessionConfig, 'props'>> & { readonly props?: Partial<SessionProps> };

/** A valid session config with new random ids, except for what you give. */
export function sampleSessionConfig(overrides: SessionConfigOverrides = {}): SessionConfig {
  const { props, ...ids } = overrides;
  return {
    groupID: newID(),
    callID: newID(),
    userID: newID(),
    sessionID: newID(),
    ...ids,
    props: { channelID: newID(), av1Support: false, dcSignaling: true, ...props },
  };
}

const description: SessionDescription = {
  type: 'offer',
  sdp: 'v=0\r\no=- 4215775240449105457 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n',
};

const candidate: IceCandidateInit = {
  candidate: 'candidate:1 1 udp 2130706431 192.0.2.1 54321 typ host generation 0 ufrag EEtu network-id 1',
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: 'EEtu',
};

/** One valid message of every kind, all about the session given. */
export function sampleMessages(config: SessionConfig = sampleSessionConfig()): {
  readonly client: readonly ClientMessage[];
  readonly dataChannel: readonly DataChannelMessage[];
} {
  const { groupID, callID, userID, sessionID, props } = config;
  const rtc = (type: RtcMessageType, data: Uint8Array = new Uint8Array()): RtcMessage => ({
    groupID,
    userID,
    sessionID,
    callID,
    type,
    data,
  });
  return {
    client: [
      { type: 'hello', data: { clientID: groupID, connID: newID() } },
      { type: 'join', data: { callID, userID, sessionID, ...props } },
      { type: 'rtc', data: rtc(RtcMessageType.ICE, encodeIceCandidateInit(candidate)) },
      { type: 'rtc', data: rtc(RtcMessageType.SDP, encodeSessionDescription(description)) },
      { type: 'rtc', data: rtc(RtcMessageType.Mute) },
      { type: 'rtc', data: rtc(RtcMessageType.Unmute) },
      { type: 'rtc', data: rtc(RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID: 'screen-stream' })) },
      { type: 'rtc', data: rtc(RtcMessageType.ScreenOff) },
      { type: 'rtc', data: rtc(RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID: 'video-stream' })) },
      { type: 'rtc', data: rtc(RtcMessageType.VideoOff) },
      { type: 'vad', data: rtc(RtcMessageType.VoiceOn) },
      { type: 'vad', data: rtc(RtcMessageType.VoiceOff) },
      { type: 'reconnect', data: { sessionID } },
      { type: 'leave', data: { sessionID } },
      { type: 'close', data: { sessionID } },
    ],
    dataChannel: [
      { type: 'ping' },
      { type: 'pong' },
      { type: 'sdp', description },
      { type: 'lossRate', value: 0.25 },
      { type: 'roundTripTime', value: 0.04 },
      { type: 'jitter', value: 0.003 },
      { type: 'lock' },
      { type: 'lock', granted: true },
      { type: 'lock', granted: false },
      { type: 'unlock' },
      {
        type: 'mediaMap',
        map: { 1: { type: 'voice', senderID: sessionID }, 2: { type: 'screen', senderID: sessionID } },
      },
    ],
  };
}
