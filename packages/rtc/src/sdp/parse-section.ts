import { DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_SCTP_PORT } from '../sctp/options.ts';
import type { Codec, Direction, HeaderExtension, MediaKind, RemoteSection, SctpParameters } from './description.ts';
import { invalidSdp } from './invalid.ts';
import { allOf, detached, firstOf, type SdpBlock } from './lines.ts';

const MAX_CODECS = 128;
/** Lines in all different lists of codecs and of extensions of one description. Reading one takes about a microsecond; Chromium has some 200 in a list, and few lists. */
const MAX_LISTED_LINES = 4_096;
const MAX_EXTENSIONS = 64;
const MAX_SSRCS = 16;
/** Encodings of one simulcast. What goes beyond, the answer leaves out (RFC 8853 section 5.3.2). */
const MAX_RIDS = 3;
const MAX_PARAMETERS_LENGTH = 512;
const MAX_ID_LENGTH = 256;

/** RFC 8866 section 9: proto and formats may be anything, they repeat attributes. */
const MEDIA_LINE = /^([\w-]{1,32}) (\d{1,5})(?:\/\d{1,5})? \S/;
/** RFC 8866 token, bounded: what we accept as a mid, since our own descriptions repeat it. */
const MID = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/;
/** RFC 8866 section 6.6. */
const RTP_MAP = /^(\d{1,3}) ([^\s/]{1,64})\/(\d{1,9})(?:\/(\d{1,3}))?\s*$/;
/** RFC 8285 section 5: the direction after the id adds nothing to the section's own. */
const EXTENSION_MAP = /^(\d{1,5})(?:\/\w+)? (\S+)/;
/** RFC 5576 section 4.1. */
const SOURCE = /^(\d{1,10})(?: (.*))?$/;
/** RFC 8851 section 10, bounded: what we accept as a rid, since our own descriptions repeat it. It travels in 16 bytes. */
const RID = /^[\w-]{1,16}$/;
/** RFC 2198 section 5: the formats of the blocks, of which we take those of one. */
const RED_FORMATS = /^(\d{1,3})(?:\/\1)*$/;
/** RFC 4588 section 8.6. */
const RTX_APT = /(?:^|;)\s*apt=(\d{1,3})\b/;

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const satisfies readonly Direction[];

/**
 * Lists that the sections of one description repeat. Each is read once and is one object for all of them, so that what was made of it is
 * found again: an answer in a call of 100 has the same codecs 100 times.
 */
export class RepeatedLists {
  readonly #codecs = new Map<string, readonly Codec[]>();
  readonly #extensions = new Map<string, readonly HeaderExtension[]>();
  #lines = 0;

  codecs(block: SdpBlock, kind: MediaKind): readonly Codec[] {
    const lines = CODEC_ATTRIBUTES.map((name) => allOf(block, name));
    const text = [kind, ...formatsOf(block), ...lines.map((ofName) => ofName.join('\n'))].join('\n\n');
    return this.#find(this.#codecs, text, lines.flat().length, () => parseCodecs(block, kind));
  }

  extensions(block: SdpBlock, kind: MediaKind): readonly HeaderExtension[] {
    const lines = allOf(block, 'extmap');
    return this.#find(this.#extensions, `${kind}\n${lines.join('\n')}`, lines.length, () => parseExtensions(block));
  }

  #find<List>(known: Map<string, List>, text: string, lines: number, parse: () => List): List {
    const before = known.get(text);
    if (before !== undefined) return before;
    this.#lines += lines;
    if (this.#lines > MAX_LISTED_LINES) throw invalidSdp('too many different lists of codecs and header extensions');
    const list = parse();
    known.set(text, list);
    return list;
  }
}

const CODEC_ATTRIBUTES = ['rtpmap', 'fmtp', 'rtcp-fb'];

/** An m-section on its own, as far as it does not depend on the rest of its description. */
export type ParsedSection = Omit<RemoteSection, 'bundled'>;

/** Checks one m-section. Throws `RtcError` `invalid_sdp`. */
export function parseSection(block: SdpBlock, lists: RepeatedLists): ParsedSection {
  const [, type, port] = MEDIA_LINE.exec(block.mediaLine) ?? [];
  const kind = parseKind(type);
  const rejected = kind === undefined || (Number(port) === 0 && !block.attributes.has('bundle-only'));
  return {
    mid: parseMid(block, rejected),
    kind: kind ?? 'application',
    rejected,
    direction: DIRECTIONS.find((direction) => block.attributes.has(direction)) ?? 'sendrecv',
    codecs: lists.codecs(block, kind ?? 'application'),
    extensions: lists.extensions(block, kind ?? 'application'),
    allowsMixedExtensions: block.attributes.has('extmap-allow-mixed'),
    rids: kind === 'video' ? parseRids(block) : [],
    ...parseMsid(block),
    ...parseSources(block),
    ...(kind === 'application' && { sctp: parseSctp(block) }),
  };
}

/** Older Firefox leaves it out of what it rejects. */
function parseMid(block: SdpBlock, rejected: boolean): string {
  const mid = firstOf(block, 'mid') ?? '';
  if (!MID.test(mid) && !(rejected && mid === '')) throw invalidSdp('media section without a valid mid');
  return detached(mid);
}

const parseKind = (type: string | undefined): MediaKind | undefined =>
  type === 'audio' || type === 'video' || type === 'application' ? type : undefined;

function parseCodecs(block: SdpBlock, kind: MediaKind): Codec[] {
  const lines = allOf(block, 'rtpmap');
  if (lines.length > MAX_CODECS) throw invalidSdp('too many codecs');
  const parameters = byPayloadType(block, 'fmtp');
  const feedback = byPayloadType(block, 'rtcp-fb');
  const codecs = lines.flatMap((line) => {
    const [, payloadType, name, clockRate, channels] = RTP_MAP.exec(line) ?? [];
    if (payloadType === undefined || Number(payloadType) > 127) return [];
    return {
      payloadType: Number(payloadType),
      mimeType: detached(`${kind}/${name}`),
      clockRate: Number(clockRate),
      channels: channels === undefined ? undefined : Number(channels),
      parameters: detached(parameters.get(payloadType)?.[0]?.slice(0, MAX_PARAMETERS_LENGTH) ?? ''),
      feedback: [...(feedback.get(payloadType) ?? []), ...(feedback.get('*') ?? [])].map(detached),
    };
  });
  return withRedundancy(withRetransmissions(inOrder(block, codecs)));
}

/** RFC 8866 section 5.14: the formats on the m-line are in the order of preference. */
function inOrder(block: SdpBlock, codecs: readonly Codec[]): readonly Codec[] {
  const ranks = new Map(formatsOf(block).map((format, index) => [format, index]));
  const rankOf = ({ payloadType }: Codec) => ranks.get(String(payloadType)) ?? ranks.size;
  return codecs.toSorted((one, other) => rankOf(one) - rankOf(other));
}

const formatsOf = ({ mediaLine }: SdpBlock): readonly string[] => mediaLine.split(' ', 3 + MAX_CODECS).slice(3);

/** RFC 4588: a retransmission format is no codec, but a second number of the one that it names. */
function withRetransmissions(codecs: readonly Codec[]): Codec[] {
  const isRtx = ({ mimeType }: Codec) => /\/rtx$/i.test(mimeType);
  const rtxPayloadTypes = new Map<number, number>();
  for (const codec of codecs) {
    const apt = isRtx(codec) ? RTX_APT.exec(codec.parameters)?.[1] : undefined;
    if (apt !== undefined) rtxPayloadTypes.set(Number(apt), codec.payloadType);
  }
  return codecs.flatMap((codec) => {
    if (isRtx(codec)) return [];
    const rtxPayloadType = rtxPayloadTypes.get(codec.payloadType);
    return rtxPayloadType === undefined ? codec : { ...codec, rtxPayloadType };
  });
}

/** RFC 2198: a redundant format is no codec, but a second number of the one that it repeats. */
function withRedundancy(codecs: readonly Codec[]): Codec[] {
  const isRed = ({ mimeType }: Codec) => mimeType.toLowerCase() === 'audio/red';
  const reds = new Map(codecs.filter(isRed).map((red) => [Number(RED_FORMATS.exec(red.parameters)?.[1] ?? -1), red]));
  return codecs.flatMap((codec) => {
    if (isRed(codec)) return [];
    const red = reds.get(codec.payloadType);
    if (red === undefined || red.clockRate !== codec.clockRate) return codec;
    const isPreferred = codecs.indexOf(red) < codecs.indexOf(codec);
    return { ...codec, red: { payloadType: red.payloadType, isPreferred } };
  });
}

/** Values of the lines `a=<name>:<payload type> <value>`, by payload type. */
function byPayloadType(block: SdpBlock, name: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of allOf(block, name)) {
    const space = line.indexOf(' ');
    const payloadType = line.slice(0, space);
    const known = values.get(payloadType);
    if (known) known.push(line.slice(space + 1));
    else values.set(payloadType, [line.slice(space + 1)]);
  }
  return values;
}

function parseExtensions(block: SdpBlock): HeaderExtension[] {
  const lines = allOf(block, 'extmap');
  if (lines.length > MAX_EXTENSIONS) throw invalidSdp('too many header extensions');
  return lines.flatMap((line) => {
    const [, id, uri = ''] = EXTENSION_MAP.exec(line) ?? [];
    return Number(id) >= 1 && Number(id) <= 255 ? { id: Number(id), uri: detached(uri) } : [];
  });
}

/** `a=msid` (RFC 8830), or the same per SSRC from older endpoints. */
function parseMsid(block: SdpBlock): Pick<RemoteSection, 'streamId' | 'trackId'> {
  const perSource = allOf(block, 'ssrc').find((line) => SOURCE.exec(line)?.[2]?.startsWith('msid:'));
  const msid = firstOf(block, 'msid') ?? perSource?.slice(perSource.indexOf('msid:') + 'msid:'.length) ?? '';
  const [streamId = '', trackId = ''] = msid.split(' ', 2);
  return { streamId: parseId(streamId), trackId: parseId(trackId) };
}

const parseId = (id: string): string => detached(id.slice(0, MAX_ID_LENGTH));

/**
 * The rids that the peer sends, in the order of a=simulcast (RFC 8853 section 5.1): of alternatives the first one; `~` in front says that
 * it pauses. Without simulcast there is nothing to choose, regardless of a=rid lines.
 */
function parseRids(block: SdpBlock): string[] {
  const sent = new Set(allOf(block, 'rid').flatMap((line) => /^(\S+) send\b/.exec(line)?.[1] ?? []));
  const [, streams = ''] = /\bsend (\S+)/.exec(firstOf(block, 'simulcast') ?? '') ?? [];
  const rids = streams.split(';', MAX_SSRCS).map((alternatives) => alternatives.split(',', 1)[0]!.replace(/^~/, ''));
  return [...new Set(rids)]
    .filter((rid) => RID.test(rid) && sent.has(rid))
    .slice(0, MAX_RIDS)
    .map(detached);
}

/** Sources of media in order, and the one of the retransmissions of each: of a pair only the first carries media (RFC 4588 section 8.3). */
function parseSources(block: SdpBlock): Pick<RemoteSection, 'ssrcs' | 'rtxSsrcs'> {
  if (!block.attributes.has('ssrc')) return NO_SOURCES;
  const announced = new Set(allOf(block, 'ssrc').map((line) => Number(SOURCE.exec(line)?.[1] ?? 0)));
  if (announced.size > MAX_SSRCS) throw invalidSdp('too many SSRCs in one media section');
  const isSource = (ssrc: number | undefined) => ssrc !== undefined && ssrc >= 1 && ssrc <= 0xffffffff;
  const groups = allOf(block, 'ssrc-group').slice(0, MAX_SSRCS);
  const groupsOf = (semantics: string) =>
    groups.flatMap((line) => {
      const [name, ...ssrcs] = line.trim().split(/ +/, 1 + MAX_SSRCS);
      return name === semantics ? [ssrcs.map(Number).filter(isSource)] : [];
    });
  const pairs = groupsOf('FID').filter(([media, rtx]) => media !== undefined && rtx !== undefined && media !== rtx);
  const rtxSsrcs = new Map(pairs.map(([media, rtx]) => [media!, rtx!]));
  const retransmissions = new Set(groupsOf('FID').flatMap(([, ...others]) => others));
  const layers = groupsOf('SIM')
    .flat()
    .filter((ssrc) => announced.has(ssrc));
  const ssrcs = [...new Set([...layers, ...announced])].filter((ssrc) => isSource(ssrc) && !retransmissions.has(ssrc));
  for (const media of rtxSsrcs.keys()) if (!ssrcs.includes(media)) rtxSsrcs.delete(media);
  return { ssrcs, rtxSsrcs };
}

const NO_SOURCES: Pick<RemoteSection, 'ssrcs' | 'rtxSsrcs'> = { ssrcs: [], rtxSsrcs: new Map() };

function parseSctp(block: SdpBlock): SctpParameters {
  const port = Number(firstOf(block, 'sctp-port') ?? DEFAULT_SCTP_PORT);
  const maxMessageSize = Number(firstOf(block, 'max-message-size') ?? DEFAULT_MAX_MESSAGE_BYTES);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalidSdp('invalid sctp-port');
  if (!Number.isSafeInteger(maxMessageSize) || maxMessageSize < 0) throw invalidSdp('invalid max-message-size');
  return { port, maxMessageSize };
}
