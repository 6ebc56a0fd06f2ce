import { formatCandidate } from '../ice/candidate.ts';
import type { Codec, LocalDescription, LocalSection, SendingTrack } from './description.ts';

const DISCARD_PORT = 9;

/** The SDP text of our side: one ICE-lite, passive DTLS transport, everything bundled on it. */
export function writeDescription(description: LocalDescription): string {
  const { sections, bundle } = description;
  const tagged = bundle?.[0] ?? sections.find(({ rejected }) => !rejected)?.mid;
  const transport = transportLines(description);
  const lines = [
    'v=0',
    // RFC 9429 section 5.2.1 asks for an address that is not the real one.
    `o=- ${description.sessionId} ${description.sessionVersion} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=msid-semantic:WMS *',
    ...(bundle && bundle.length > 0 ? [`a=group:BUNDLE ${bundle.join(' ')}`] : []),
    ...transport.ice,
    transport.fingerprint,
    transport.setup,
  ];
  for (const section of sections) {
    if (section.kind === 'application') pushDataLines(lines, section);
    else pushRtpLines(lines, section);
    if (!section.rejected) lines.push(...transport.ice);
    lines.push(transport.setup);
    // The BUNDLE-tagged section: its transport carries all of them (RFC 9143 section 7.2).
    if (section.mid === tagged) lines.push(transport.fingerprint, ...candidateLines(description));
  }
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * Lines that RFC 9429 section 5.2.1 requires in the tagged section. Each line stands also with the session, where some read it for sections that have none
 * of their own, and again where others read it only: docs/signaling.md has the list.
 */
const transportLines = ({ type, ice, fingerprint }: LocalDescription) => ({
  ice: [`a=ice-ufrag:${ice.ufrag}`, `a=ice-pwd:${ice.pwd}`],
  fingerprint: `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
  setup: `a=setup:${type === 'offer' ? 'actpass' : 'passive'}`,
});

const candidateLines = ({ candidates }: LocalDescription): string[] => [
  ...candidates.map((candidate) => `a=candidate:${formatCandidate(candidate)}`),
  'a=end-of-candidates',
];

function pushDataLines(lines: string[], section: LocalSection): void {
  lines.push(mediaLine(section, 'UDP/DTLS/SCTP webrtc-datachannel'), NO_ADDRESS, ...midLines(section));
  if (section.sctp === undefined) return;
  lines.push(`a=sctp-port:${section.sctp.port}`, `a=max-message-size:${section.sctp.maxMessageSize}`);
}

function pushRtpLines(lines: string[], section: LocalSection): void {
  const { codecs, extensions, direction, rids, sending } = section;
  const { formats, codecLines } = textOfCodecs(codecs);
  lines.push(mediaLine(section, `UDP/TLS/RTP/SAVPF ${formats}`), NO_ADDRESS, ...midLines(section), `a=${direction}`);
  if (sending !== undefined) lines.push(`a=msid:${sending.streamId} ${sending.trackId}`);
  lines.push('a=rtcp-mux', 'a=rtcp-rsize');
  if (section.allowsMixedExtensions && extensions.length > 0) lines.push('a=extmap-allow-mixed');
  for (const { id, uri } of extensions) lines.push(`a=extmap:${id} ${uri}`);
  lines.push(...codecLines);
  for (const rid of rids) lines.push(`a=rid:${rid} recv`);
  if (rids.length > 0) lines.push(`a=simulcast:recv ${rids.join(';')}`);
  if (sending !== undefined) pushSourceLines(lines, sending);
}

/** Sections share their lists of codecs, and a call of 100 has 100 sections: the text of each list is made once. */
function textOfCodecs(codecs: readonly Codec[]): CodecsText {
  const known = CODECS_TEXTS.get(codecs);
  if (known) return known;
  const lines: string[] = [];
  for (const codec of codecs) pushCodecLines(lines, codec);
  const text: CodecsText = {
    // A rejected section still needs a format on its m-line (RFC 8866 section 5.14).
    formats: codecs.length > 0 ? codecs.flatMap(payloadTypesOf).join(' ') : '0',
    codecLines: lines.length > 0 ? [lines.join('\r\n')] : [],
  };
  CODECS_TEXTS.set(codecs, text);
  return text;
}

interface CodecsText {
  readonly formats: string;
  /** All in one piece, or none. */
  readonly codecLines: readonly string[];
}

const CODECS_TEXTS = new WeakMap<readonly Codec[], CodecsText>();

function payloadTypesOf({ payloadType, rtxPayloadType, red }: Codec): number[] {
  if (red !== undefined) return red.isPreferred ? [red.payloadType, payloadType] : [payloadType, red.payloadType];
  return rtxPayloadType === undefined ? [payloadType] : [payloadType, rtxPayloadType];
}

function pushCodecLines(lines: string[], codec: Codec): void {
  const { payloadType, rtxPayloadType, red, mimeType, clockRate, channels, parameters, feedback } = codec;
  const name = mimeType.slice(mimeType.indexOf('/') + 1);
  const rates = `${clockRate}${channels === undefined ? '' : `/${channels}`}`;
  lines.push(`a=rtpmap:${payloadType} ${name}/${rates}`);
  if (parameters !== '') lines.push(`a=fmtp:${payloadType} ${parameters}`);
  for (const line of feedback) lines.push(`a=rtcp-fb:${payloadType} ${line}`);
  if (red !== undefined) {
    lines.push(`a=rtpmap:${red.payloadType} red/${rates}`, `a=fmtp:${red.payloadType} ${payloadType}/${payloadType}`);
  }
  if (rtxPayloadType === undefined) return;
  lines.push(`a=rtpmap:${rtxPayloadType} rtx/${clockRate}`, `a=fmtp:${rtxPayloadType} apt=${payloadType}`);
}

/** RFC 5576. The CNAME is the same for all tracks of a sender, so that they are played in step. */
function pushSourceLines(lines: string[], { ssrc, rtxSsrc, streamId }: SendingTrack): void {
  if (rtxSsrc !== undefined) lines.push(`a=ssrc-group:FID ${ssrc} ${rtxSsrc}`);
  lines.push(`a=ssrc:${ssrc} cname:${streamId}`);
  if (rtxSsrc !== undefined) lines.push(`a=ssrc:${rtxSsrc} cname:${streamId}`);
}

const midLines = ({ mid }: LocalSection): string[] => (mid === '' ? [] : [`a=mid:${mid}`]);

const mediaLine = ({ kind, rejected }: LocalSection, protocolAndFormats: string): string =>
  `m=${kind} ${rejected ? 0 : DISCARD_PORT} ${protocolAndFormats}`;

/** RFC 8840 section 4.1.1: the placeholder for an address that candidates will contain. */
const NO_ADDRESS = 'c=IN IP4 0.0.0.0';
