import { type Candidate, parseCandidate } from '../../ice/candidate.ts';
import type { IceCredentials } from '../../ice/credentials.ts';
import type { Direction } from '../../sdp/description.ts';

/** What the participant sends on its own m-section. */
export interface PublishedVoice {
  readonly streamId: string;
  readonly trackId: string;
  readonly ssrc: number;
}

export interface ParticipantSection {
  readonly mid: string;
  readonly kind: 'application' | 'audio' | 'video';
  direction: Direction;
  voice?: PublishedVoice;
}

export interface ParticipantDescription {
  readonly type: 'offer' | 'answer';
  readonly ice: IceCredentials;
  readonly fingerprint: string;
  readonly sections: readonly ParticipantSection[];
}

export const OPUS_PAYLOAD_TYPE = 111;
export const AUDIO_LEVEL_ID = 1;

/** SDP as a browser with Opus, one data channel and full ICE writes it. */
export function writeParticipantDescription({ type, ice, fingerprint, sections }: ParticipantDescription): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${sections.map(({ mid }) => mid).join(' ')}`,
    ...sections.flatMap((section) => [
      ...(section.kind === 'application' ? dataLines : rtpLines(section)),
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

const dataLines = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=sctp-port:5000', 'a=max-message-size:262144'];

const rtpLines = ({ kind, direction, voice }: ParticipantSection): string[] => [
  `m=${kind} 9 UDP/TLS/RTP/SAVPF ${OPUS_PAYLOAD_TYPE}`,
  `a=${direction}`,
  'a=rtcp-mux',
  `a=rtpmap:${OPUS_PAYLOAD_TYPE} opus/48000/2`,
  `a=extmap:${AUDIO_LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level`,
  ...(voice ? [`a=msid:${voice.streamId} ${voice.trackId}`, `a=ssrc:${voice.ssrc} cname:${voice.streamId}`] : []),
];

/** All candidates of a description. */
export const candidatesOf = (sdp: string): Candidate[] =>
  [...sdp.matchAll(/^a=candidate:.*$/gm)].flatMap(([line]) => parseCandidate(line.trim()) ?? []);
