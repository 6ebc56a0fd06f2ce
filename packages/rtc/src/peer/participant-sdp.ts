import { type Candidate, parseCandidate } from '../ice/candidate.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import { type Codec, type Direction, type HeaderExtension, sends } from '../sdp/description.ts';

/** Video codecs that a participant can send, and receives by default. */
export type VideoCodecName = 'VP8' | 'AV1' | 'H264' | 'VP9';

/** Media that the participant sends on its own m-section. */
export interface LocalTrack {
  readonly kind: 'audio' | 'video';
  readonly streamId: string;
  readonly trackId: string;
  /** Not announced with rids, as in Chromium. */
  readonly ssrc: number;
  /** Encodings, for video. */
  readonly rtxSsrc?: number;
  /** Encodings of a simulcast; empty for none. */
  readonly rids: readonly string[];
  /** Codecs of video that its section offers, the preferred one first. */
  readonly codecs: readonly VideoCodecName[];
}

export interface ParticipantSection {
  readonly mid: string;
  readonly kind: 'application' | 'audio' | 'video';
  readonly direction: Direction;
  readonly rejected: boolean;
  /** Track that the participant sends here, or once sent: a track never leaves its section. */
  readonly track?: LocalTrack | undefined;
  /** Encodings of video: those of the SFU's last description, or its own. */
  readonly codecs?: readonly Codec[];
  readonly extensions?: readonly HeaderExtension[];
}

export interface ParticipantDescription {
  readonly type: 'offer' | 'answer';
  /** Version in the o= line (RFC 9429 section 5.2.1): the version grows with each description. */
  readonly origin: { readonly sessionId: number; readonly version: number };
  readonly ice: IceCredentials;
  readonly fingerprint: string;
  readonly sections: readonly ParticipantSection[];
}

export const OPUS_PAYLOAD_TYPE = 111;
export const AUDIO_LEVEL_ID = 1;

const FEEDBACK = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];

const videoCodec = (name: VideoCodecName, payloadType: number, parameters: string): Codec => ({
  payloadType,
  mimeType: `video/${name}`,
  clockRate: 90_000,
  parameters,
  feedback: FEEDBACK,
  rtxPayloadType: payloadType + 1,
});

/** Under Chromium's numbers. */
export const VIDEO_CODECS: Readonly<Record<VideoCodecName, Codec>> = {
  VP8: videoCodec('VP8', 96, ''),
  AV1: videoCodec('AV1', 45, 'level-idx=5;profile=0;tier=0'),
  H264: videoCodec('H264', 108, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
  VP9: videoCodec('VP9', 98, 'profile-id=0'),
};

/** The name of a codec of `VIDEO_CODECS`, whatever its numbers and parameters. */
export const codecNameOf = ({ mimeType }: Pick<Codec, 'mimeType'>): VideoCodecName =>
  mimeType.slice('video/'.length).toUpperCase() as VideoCodecName;

/** Under Chromium's numbers. */
export const VIDEO_EXTENSIONS: readonly HeaderExtension[] = [
  { id: 3, uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01' },
  { id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' },
  { id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id' },
  { id: 11, uri: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id' },
];

/** SDP as a browser with Opus, video, one data channel and full ICE writes it. */
export function writeParticipantDescription({
  type,
  origin,
  ice,
  fingerprint,
  sections,
}: ParticipantDescription): string {
  const lines = [
    'v=0',
    `o=- ${origin.sessionId} ${origin.version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${sections.flatMap(({ mid, rejected }) => (rejected ? [] : [mid])).join(' ')}`,
    ...sections.flatMap((section) => [
      ...LINES[section.kind](section),
      'c=IN IP4 0.0.0.0',
      `a=mid:${section.mid}`,
      `a=ice-ufrag:${ice.ufrag}`,
      `a=ice-pwd:${ice.pwd}`,
      `a=fingerprint:sha-256 ${fingerprint}`,
      `a=setup:${type === 'offer' ? 'actpass' : 'active'}`,
    ]),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

const dataLines = (section: ParticipantSection): string[] => [
  `m=application ${portOf(section)} UDP/DTLS/SCTP webrtc-datachannel`,
  'a=sctp-port:5000',
  'a=max-message-size:262144',
];

const audioLines = (section: ParticipantSection): string[] => [
  `m=audio ${portOf(section)} UDP/TLS/RTP/SAVPF ${OPUS_PAYLOAD_TYPE}`,
  `a=${section.direction}`,
  'a=rtcp-mux',
  `a=rtpmap:${OPUS_PAYLOAD_TYPE} opus/48000/2`,
  `a=extmap:${AUDIO_LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level`,
  ...trackLines(section),
];

function videoLines(section: ParticipantSection): string[] {
  const { codecs = [], extensions = [] } = section;
  const formats = codecs.flatMap(({ payloadType, rtxPayloadType = [] }) => [payloadType].concat(rtxPayloadType));
  return [
    `m=video ${portOf(section)} UDP/TLS/RTP/SAVPF ${formats.join(' ') || '0'}`,
    `a=${section.direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    'a=extmap-allow-mixed',
    ...codecs.flatMap(codecLines),
    ...extensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    ...trackLines(section),
  ];
}

const codecLines = ({ payloadType, rtxPayloadType, mimeType, clockRate, parameters, feedback }: Codec): string[] => [
  `a=rtpmap:${payloadType} ${mimeType.slice('video/'.length)}/${clockRate}`,
  ...feedback.map((line) => `a=rtcp-fb:${payloadType} ${line}`),
  ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
  ...(rtxPayloadType === undefined
    ? []
    : [`a=rtpmap:${rtxPayloadType} rtx/${clockRate}`, `a=fmtp:${rtxPayloadType} apt=${payloadType}`]),
];

/** Rids stay while nothing is sent, as in Chromium. */
function trackLines({ direction, track, rejected }: ParticipantSection): string[] {
  if (!track || rejected) return [];
  const { streamId, trackId, ssrc, rtxSsrc, rids } = track;
  const encodings =
    rids.length > 0 ? [...rids.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${rids.join(';')}`] : [];
  if (!sends(direction)) return encodings;
  const msid = `a=msid:${streamId} ${trackId}`;
  if (rids.length > 0) return [msid, ...encodings];
  const ssrcs = rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc];
  return [
    msid,
    ...(rtxSsrc === undefined ? [] : [`a=ssrc-group:FID ${ssrc} ${rtxSsrc}`]),
    ...ssrcs.map((it) => `a=ssrc:${it} cname:${streamId}`),
  ];
}

const LINES = { application: dataLines, audio: audioLines, video: videoLines };

const portOf = ({ rejected }: ParticipantSection): number => (rejected ? 0 : 9);

/** All candidates of a description. */
export const candidatesOf = (sdp: string): Candidate[] =>
  [...sdp.matchAll(/^a=candidate:.*$/gm)].flatMap(([line]) => parseCandidate(line.trim()) ?? []);
