import type { SessionDescription } from '@rtcd/protocol';
import { type MediaDescription, type SessionDescription as ParsedSdp, parse } from 'sdp-transform';
import { RtcError } from '../errors.ts';
import type {
  Codec,
  Direction,
  Fingerprint,
  HeaderExtension,
  MediaKind,
  RemoteDescription,
  RemoteSection,
  SctpParameters,
} from './description.ts';

// A call of 500 puts some 500 sections of 500 bytes into one description.
const MAX_SDP_CHARACTERS = 1 << 20;
const MAX_SECTIONS = 2048;
const MAX_CODECS = 128;
const MAX_EXTENSIONS = 64;
const MAX_SSRCS = 16;
const MAX_MESSAGE_SIZE_DEFAULT = 65_536; // RFC 8841 section 6: what an absent a=max-message-size means
const SCTP_PORT_DEFAULT = 5000;

/** RFC 8866 token, bounded: what we accept as a mid, since it comes back in our own descriptions. */
const MID = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/;
/** RFC 8839: ice-char, 4 to 256 and 22 to 256 of them. */
const UFRAG = /^[0-9A-Za-z+/]{4,256}$/;
const PWD = /^[0-9A-Za-z+/]{22,256}$/;
const DIRECTIONS = new Set<string>(['sendrecv', 'sendonly', 'recvonly', 'inactive'] satisfies Direction[]);

/** Checks a peer's SDP and keeps what we act on. Throws `RtcError` 'invalid_sdp' saying what is wrong. */
export function parseDescription(description: SessionDescription): RemoteDescription {
  if (description.sdp.length > MAX_SDP_CHARACTERS) throw invalid('longer than 1 MiB');
  const sdp = parseText(description.sdp);
  if (sdp.media.length === 0) throw invalid('no media section');
  if (sdp.media.length > MAX_SECTIONS) throw invalid(`more than ${MAX_SECTIONS} media sections`);

  const sections = sdp.media.map(parseSection);
  if (new Set(sections.map(({ mid }) => mid)).size !== sections.length) throw invalid('a mid stands twice');

  const carrier = sdp.media[sections.findIndex((section) => !section.rejected)];
  if (!carrier) throw invalid('every media section is rejected');
  const ufrag = carrier.iceUfrag ?? sdp.iceUfrag ?? '';
  const pwd = carrier.icePwd ?? sdp.icePwd ?? '';
  if (!UFRAG.test(ufrag) || !PWD.test(pwd)) throw invalid('no valid ICE credentials');
  return {
    type: description.type,
    ice: { ufrag, pwd },
    fingerprint: parseFingerprint(carrier.fingerprint ?? sdp.fingerprint),
    setup: carrier.setup ?? sdp.setup ?? '',
    sctp: sections.find(({ sctp, rejected }) => sctp && !rejected)?.sctp,
    sections,
  };
}

function parseText(text: string): ParsedSdp {
  try {
    return parse(text);
  } catch (cause) {
    throw new RtcError('invalid_sdp', 'invalid SDP: unreadable', { cause });
  }
}

function parseSection(media: MediaDescription): RemoteSection {
  const mid = String(media.mid ?? '');
  if (!MID.test(mid)) throw invalid('a media section without a valid mid');
  const direction = media.direction ?? 'sendrecv';
  if (!DIRECTIONS.has(direction)) throw invalid(`direction ${direction}`);
  const kind = parseKind(media.type);
  return {
    mid,
    kind: kind ?? 'application',
    rejected: kind === undefined || (media.port === 0 && !('bundleOnly' in media && media.bundleOnly)),
    direction: direction as Direction,
    codecs: parseCodecs(media, kind ?? 'application'),
    extensions: parseExtensions(media),
    streamId: parseStreamId(media),
    ssrcs: parseSsrcs(media),
    ...(kind === 'application' && { sctp: parseSctp(media) }),
  };
}

const parseKind = (type: string): MediaKind | undefined =>
  type === 'audio' || type === 'video' || type === 'application' ? type : undefined;

function parseCodecs(media: MediaDescription, kind: MediaKind): Codec[] {
  if (media.rtp.length > MAX_CODECS) throw invalid('too many codecs');
  return media.rtp
    .filter((rtp) => Number.isInteger(rtp.payload) && rtp.payload >= 0 && rtp.payload <= 127)
    .map((rtp) => ({
      payloadType: rtp.payload,
      mimeType: `${kind}/${rtp.codec}`,
      clockRate: rtp.rate ?? 0,
      channels: rtp.encoding === undefined ? undefined : Number(rtp.encoding),
      parameters: media.fmtp.find((fmtp) => fmtp.payload === rtp.payload)?.config ?? '',
      feedback: (media.rtcpFb ?? [])
        .filter((feedback) => Number(feedback.payload) === rtp.payload)
        .map((feedback) => (feedback.subtype ? `${feedback.type} ${feedback.subtype}` : feedback.type)),
    }));
}

function parseExtensions(media: MediaDescription): HeaderExtension[] {
  const extensions = media.ext ?? [];
  if (extensions.length > MAX_EXTENSIONS) throw invalid('too many header extensions');
  return extensions
    .filter(({ value }) => Number.isInteger(value) && value >= 1 && value <= 255)
    .map(({ value, uri }) => ({ id: value, uri }));
}

/** `a=msid`, or the same said per SSRC by older endpoints. */
function parseStreamId(media: MediaDescription): string {
  const msid = media.msid?.[0]?.id ?? media.ssrcs?.find(({ attribute }) => attribute === 'msid')?.value ?? '';
  return msid.split(' ', 1)[0]!.slice(0, 256);
}

/** Sources in order; of a pair of a retransmission group (RFC 4588) only the first carries media. */
function parseSsrcs(media: MediaDescription): number[] {
  const retransmissions = new Set(
    (media.ssrcGroups ?? [])
      .filter(({ semantics }) => semantics === 'FID')
      .flatMap(({ ssrcs }) => ssrcs.split(' ').slice(1).map(Number)),
  );
  const ssrcs = new Set((media.ssrcs ?? []).map(({ id }) => Number(id)));
  if (ssrcs.size > MAX_SSRCS) throw invalid('too many SSRCs in one media section');
  return [...ssrcs].filter((ssrc) => ssrc >= 1 && ssrc <= 0xffffffff && !retransmissions.has(ssrc));
}

function parseSctp(media: MediaDescription): SctpParameters {
  // Of a number that it cannot hold, sdp-transform gives the text.
  const port = Number(media.sctpPort ?? SCTP_PORT_DEFAULT);
  const maxMessageSize = Number(media.maxMessageSize ?? MAX_MESSAGE_SIZE_DEFAULT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid('sctp-port');
  if (!Number.isSafeInteger(maxMessageSize) || maxMessageSize < 0) throw invalid('max-message-size');
  return { port, maxMessageSize };
}

function parseFingerprint(fingerprint: { type: string; hash: string } | undefined): Fingerprint {
  if (!fingerprint || !/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}$/.test(fingerprint.hash)) {
    throw invalid('no valid DTLS fingerprint');
  }
  return { algorithm: fingerprint.type.toLowerCase(), value: fingerprint.hash.toUpperCase() };
}

const invalid = (what: string) => new RtcError('invalid_sdp', `invalid SDP: ${what}`);
