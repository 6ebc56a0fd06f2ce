import { type Candidate, parseCandidate } from '../../ice/candidate.ts';
import type { IceCredentials } from '../../ice/credentials.ts';
import { type Direction, sends } from '../../sdp/description.ts';

/** What the participant sends on its own m-section. */
export interface PublishedVoice {
  readonly streamId: string;
  readonly trackId: string;
  readonly ssrc: number;
}

export interface ParticipantSection {
  readonly mid: string;
  readonly kind: 'application' | 'audio' | 'video';
  readonly direction: Direction;
  readonly rejected: boolean;
  /** What the participant sends here, or once sent: a track never leaves its section. */
  readonly voice?: PublishedVoice | undefined;
}

export interface ParticipantDescription {
  readonly type: 'offer' | 'answer';
  /** Of the o= line (RFC 9429 section 5.2.1): the version grows with each description. */
  readonly origin: { readonly sessionId: number; readonly version: number };
  readonly ice: IceCredentials;
  readonly fingerprint: string;
  readonly sections: readonly ParticipantSection[];
}

export const OPUS_PAYLOAD_TYPE = 111;
export const AUDIO_LEVEL_ID = 1;

/** SDP as a browser with Opus, one data channel and full ICE writes it. */
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
      ...(section.kind === 'application' ? dataLines(section) : rtpLines(section)),
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

const rtpLines = (section: ParticipantSection): string[] => [
  `m=${section.kind} ${portOf(section)} UDP/TLS/RTP/SAVPF ${OPUS_PAYLOAD_TYPE}`,
  `a=${section.direction}`,
  'a=rtcp-mux',
  `a=rtpmap:${OPUS_PAYLOAD_TYPE} opus/48000/2`,
  `a=extmap:${AUDIO_LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level`,
  ...voiceLines(section),
];

const voiceLines = ({ direction, voice }: ParticipantSection): string[] =>
  voice && sends(direction)
    ? [`a=msid:${voice.streamId} ${voice.trackId}`, `a=ssrc:${voice.ssrc} cname:${voice.streamId}`]
    : [];

const portOf = ({ rejected }: ParticipantSection): number => (rejected ? 0 : 9);

/** All candidates of a description. */
export const candidatesOf = (sdp: string): Candidate[] =>
  [...sdp.matchAll(/^a=candidate:.*$/gm)].flatMap(([line]) => parseCandidate(line.trim()) ?? []);
