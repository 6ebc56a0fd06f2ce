import { type MediaAttributes, type MediaDescription, write } from 'sdp-transform';
import type { Candidate } from '../ice/candidate.ts';
import type { Codec, LocalDescription, LocalSection } from './description.ts';

/** RFC 8840 section 4.1.1: what stands in for an address that candidates will tell. */
const NO_ADDRESS = '0.0.0.0';
const DISCARD_PORT = 9;

/** The SDP text of our side: one ICE-lite, passive DTLS transport, everything bundled on it. */
export function writeDescription(description: LocalDescription): string {
  const carrier = description.sections.findIndex((section) => !section.rejected);
  return write({
    version: 0,
    origin: {
      username: '-',
      sessionId: description.sessionId,
      sessionVersion: description.sessionVersion,
      netType: 'IN',
      ipVer: 4,
      address: '127.0.0.1', // as RFC 9429 section 5.2.1 asks: not the real one
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    icelite: 'ice-lite',
    msidSemantic: { semantic: 'WMS', token: '*' },
    groups: [
      {
        type: 'BUNDLE',
        mids: description.sections
          .filter((section) => !section.rejected)
          .map(({ mid }) => mid)
          .join(' '),
      },
    ],
    media: description.sections.map((section, index) => ({
      ...(section.kind === 'application' ? dataSection(section) : rtpSection(section)),
      mid: section.mid,
      port: section.rejected ? 0 : DISCARD_PORT,
      connection: { version: 4, ip: NO_ADDRESS },
      ...(!section.rejected && transport(description, index === carrier)),
    })),
  });
}

type TransportAttributes = Pick<
  MediaAttributes,
  'iceUfrag' | 'icePwd' | 'fingerprint' | 'setup' | 'candidates' | 'endOfCandidates'
>;

/** Candidates stand once, in the section whose transport carries the bundle. */
function transport(description: LocalDescription, carriesBundle: boolean): TransportAttributes {
  return {
    iceUfrag: description.ice.ufrag,
    icePwd: description.ice.pwd,
    fingerprint: { type: description.fingerprint.algorithm, hash: description.fingerprint.value },
    setup: description.type === 'offer' ? 'actpass' : 'passive',
    ...(carriesBundle && {
      candidates: description.candidates.map(candidateAttributes),
      endOfCandidates: 'end-of-candidates' as const,
    }),
  };
}

const candidateAttributes = (candidate: Candidate) => ({
  foundation: candidate.foundation,
  component: candidate.component,
  transport: candidate.protocol,
  priority: candidate.priority,
  ip: candidate.address,
  port: candidate.port,
  type: candidate.type,
  ...(candidate.relatedAddress !== undefined && { raddr: candidate.relatedAddress, rport: candidate.relatedPort }),
  ...(candidate.tcpType !== undefined && { tcptype: candidate.tcpType }),
});

type SectionBody = Omit<MediaDescription, 'mid' | 'port' | 'connection'>;

function dataSection(section: LocalSection): SectionBody {
  return {
    type: 'application',
    protocol: 'UDP/DTLS/SCTP',
    payloads: 'webrtc-datachannel',
    rtp: [],
    fmtp: [],
    sctpPort: section.sctp?.port,
    maxMessageSize: section.sctp?.maxMessageSize,
  };
}

function rtpSection(section: LocalSection): SectionBody {
  const { codecs, sending } = section;
  return {
    type: section.kind,
    protocol: 'UDP/TLS/RTP/SAVPF',
    // A rejected section still needs a format on its m-line (RFC 8866 section 5.14).
    payloads: codecs.length > 0 ? codecs.map(({ payloadType }) => payloadType).join(' ') : '0',
    rtp: codecs.map((codec) => ({
      payload: codec.payloadType,
      codec: codec.mimeType.split('/')[1]!,
      rate: codec.clockRate,
      encoding: codec.channels,
    })),
    fmtp: codecs
      .filter(({ parameters }) => parameters !== '')
      .map(({ payloadType, parameters }) => ({ payload: payloadType, config: parameters })),
    rtcpFb: codecs.flatMap(feedbackLines),
    ext: section.extensions.map(({ id, uri }) => ({ value: id, uri })),
    direction: section.direction,
    rtcpMux: 'rtcp-mux',
    rtcpRsize: 'rtcp-rsize',
    ...(sending && {
      msid: [{ id: sending.streamId, appdata: sending.trackId }],
      ssrcs: [
        { id: sending.ssrc, attribute: 'cname', value: sending.streamId },
        { id: sending.ssrc, attribute: 'msid', value: `${sending.streamId} ${sending.trackId}` },
      ],
    }),
  };
}

const feedbackLines = ({ payloadType, feedback }: Codec) =>
  feedback.map((line) => {
    const [type, subtype] = line.split(' ');
    return { payload: payloadType, type: type!, subtype };
  });
