export type { LocalTrack } from './participant-sdp.ts';
export {
  type CarryDescription,
  PeerConnection,
  type PeerConnectionOptions,
  type PeerConnectionOwner,
} from './peer-connection.ts';
export type { RemoteTrack, TrackStats } from './peer-media.ts';
export type { ReceivedFrame } from './received-frame.ts';
export { MAX_OPUS_BYTES, type OpusFrame, type VoiceSender, type VoiceSenderOwner } from './voice-sender.ts';
