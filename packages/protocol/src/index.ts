export {
  type ClientMessage,
  checkClientMessage,
  clientMessageType,
  decodeClientMessage,
  encodeClientMessage,
  type HelloData,
  type JoinData,
  type SessionData,
} from './client-message.ts';
export {
  type DataChannelMessage,
  type DecodeDataChannelMessageOptions,
  dataChannelMessageType,
  decodeDataChannelMessage,
  encodeDataChannelMessage,
} from './data-channel-message.ts';
export { ProtocolError, type ProtocolErrorCode } from './errors.ts';
export {
  decodeIceCandidate,
  encodeIceCandidate,
  encodeIceCandidateInit,
  type IceCandidateInit,
} from './ice-candidate.ts';
export { ID_LENGTH, newID } from './id.ts';
export { encodeJson } from './json.ts';
export { MAX_MESSAGE_BYTES, MAX_SESSION_DESCRIPTION_BYTES } from './limits.ts';
export type { MediaMap, MediaMapEntry, TrackType } from './media-map.ts';
export { type RtcMessage, RtcMessageType } from './rtc-message.ts';
export {
  type SystemInfo,
  type SystemInfoJSON,
  systemInfoFromJSON,
  systemInfoToJSON,
  type VersionInfo,
  versionInfoFromJSON,
} from './service-info.ts';
export {
  checkSessionConfig,
  type SessionConfig,
  type SessionConfigJSON,
  type SessionProps,
  sessionConfigFromJSON,
  sessionConfigToJSON,
} from './session-config.ts';
export { decodeSessionDescription, encodeSessionDescription, type SessionDescription } from './session-description.ts';
export {
  decodeScreenOn,
  decodeVideoOn,
  encodeScreenOn,
  encodeVideoOn,
  type ScreenOnData,
  type VideoOnData,
} from './stream-announcement.ts';
