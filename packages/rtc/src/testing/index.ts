export {
  createDtlsCertificate as createTestCertificate,
  type DtlsCertificate,
  type DtlsCertificateOptions,
} from '../dtls/crypto/certificate.ts';
export type { IceCredentials } from '../ice/credentials.ts';
export type { LocalTrack, VideoCodecName } from '../peer/participant-sdp.ts';
export type { NegotiatedTrack, SectionState } from '../peer/participant-sections.ts';
export type { Codec, Direction, Format, HeaderExtension, RedFormat } from '../sdp/description.ts';
export { type JoinOptions, joinCall } from './participant/join-call.ts';
export {
  type OpenParticipantIo,
  Participant,
  type ParticipantEvents,
  type ParticipantOptions,
  type PublishVideoOptions,
} from './participant/participant.ts';
export type { ReceivedVoice } from './participant/participant-media.ts';
export type { SentVideo } from './participant/participant-video.ts';
export { type RecordedFrame, RecordedVideo, readRecordedVideo } from './participant/recorded-video.ts';
export type { TemporalPosition } from './participant/temporal-layers.ts';
export type { VideoEncoding, VideoEncodingOptions } from './participant/video-encoding.ts';
export type { VideoPayload } from './participant/video-payload.ts';
export type { ShownFrame, VideoReceiver } from './participant/video-receiver.ts';
export { SimulatedCall, type SimulatedCallOptions } from './simulated-call.ts';
export {
  type LinkConditions,
  type LinkEnd,
  type LinkStats,
  SimulatedLink,
  type SimulatedLinkOptions,
} from './simulated-link.ts';
export { type Timed, VirtualTime } from './virtual-time.ts';
