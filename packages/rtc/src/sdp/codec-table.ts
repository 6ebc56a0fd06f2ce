import type { Codec, Format, MediaKind } from './description.ts';

/** The contract's codec for audio ("Media in SDP"). */
const OPUS: Codec = {
  payloadType: 111,
  mimeType: 'audio/opus',
  clockRate: 48_000,
  channels: 2,
  parameters: 'minptime=10;useinbandfec=1',
  feedback: ['transport-cc'],
};

/** Chromium's number of Opus in its redundant form. */
export const RED_PAYLOAD_TYPE = 63;

const VIDEO_FEEDBACK = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];

const video = (name: string, parameters: string, payloadType: number, rtxPayloadType: number): Codec => ({
  payloadType,
  mimeType: `video/${name}`,
  clockRate: 90_000,
  parameters,
  feedback: VIDEO_FEEDBACK,
  rtxPayloadType,
});

const h264 = (profileLevelId: string, mode: 0 | 1, payloadType: number, rtxPayloadType: number): Codec =>
  video(
    'H264',
    `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profileLevelId}`,
    payloadType,
    rtxPayloadType,
  );

/**
 * All that is forwarded, the best first, under the numbers that Chromium gives them: so that an offer of ours seldom gives a number
 * another meaning than an offer of the peer that is under way. Of the formats of one name, a section has one. VP8
 * is first in answers (contract, "Media in SDP"): a sender with a choice sends what every receiver can decode.
 */
const CODECS: Record<MediaKind, readonly Codec[]> = {
  audio: [OPUS],
  video: [
    video('VP8', '', 96, 97),
    video('AV1', 'level-idx=5;profile=0;tier=0', 45, 46),
    h264('42e01f', 1, 108, 109),
    h264('42001f', 1, 102, 103),
    h264('4d001f', 1, 116, 117),
    h264('640c1f', 1, 112, 113),
    h264('64001f', 1, 112, 113),
    h264('42e01f', 0, 114, 115),
    h264('42001f', 0, 104, 107),
    h264('4d001f', 0, 39, 40),
    video('VP9', 'profile-id=0', 98, 99),
    video('VP9', 'profile-id=2', 100, 101),
  ],
  application: [],
};

/** A codec and its identity. */
export interface KeyedCodec {
  readonly key: string;
  readonly codec: Codec;
}

/** Returns the codecs of each name, the best first. */
export const codecsByName = (kind: MediaKind): readonly (readonly KeyedCodec[])[] => BY_NAME[kind];

/** The identity of a codec, whatever its payload type: the name, the rates, and those parameters that make another format of it. */
export function codecKey(codec: Format): string {
  const name = codec.mimeType.toLowerCase();
  return `${name}/${codec.clockRate}/${codec.channels ?? 1}${formatKey(name, codec.parameters ?? '')}`;
}

/** Returns whether two codecs are the same format, whatever their payload types. */
export const isSameCodec = (a: Format, b: Format): boolean =>
  isFormatOf(a, b) && (a.channels ?? 1) === (b.channels ?? 1);

/** Returns whether packets of a payload type are of this codec: its payloads, their retransmissions, or redundant ones. */
export const isPayloadTypeOf = ({ payloadType, rtxPayloadType, red }: Codec, wanted: number): boolean =>
  wanted === payloadType || wanted === rtxPayloadType || wanted === red?.payloadType;

/** Returns whether a track of this format is sent with this codec. The number of channels is left to the codec. */
export function isFormatOf(format: Format, codec: Format): boolean {
  // A comparison of keys without writing them: a join to a call of 100 makes 10,000 of them.
  if (format.clockRate !== codec.clockRate) return false;
  if (format.mimeType === codec.mimeType && format.parameters === codec.parameters) return true;
  const name = format.mimeType.toLowerCase();
  if (name !== codec.mimeType.toLowerCase()) return false;
  const { parameters = '' } = format;
  return parameters === codec.parameters || formatKey(name, parameters) === formatKey(name, codec.parameters ?? '');
}

/** Those parameters, with the value that a missing one has. */
function formatKey(name: string, parameters: string): string {
  switch (name) {
    case 'video/h264': {
      // RFC 6184 section 8.1: without parameters, baseline in single NAL unit mode.
      const profile = h264Profile(parameterOf(parameters, 'profile-level-id') ?? '42000a');
      return ` ${profile} mode ${parameterOf(parameters, 'packetization-mode') ?? '0'}`;
    }
    case 'video/vp9':
      return ` profile ${parameterOf(parameters, 'profile-id') ?? '0'}`; // RFC 9628 section 7
    case 'video/av1':
      return ` profile ${parameterOf(parameters, 'profile') ?? '0'}`; // AV1 RTP specification, section 7.2
    default:
      return '';
  }
}

/** The value of a parameter of a=fmtp, if it is one that our descriptions may contain. */
function parameterOf(parameters: string, name: string): string | undefined {
  for (const part of parameters.split(';', MAX_PARAMETERS)) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim().toLowerCase() === name) {
      const value = part.slice(equals + 1).trim();
      return PARAMETER_VALUE.test(value) ? value.toLowerCase() : undefined;
    }
  }
  return undefined;
}

const MAX_PARAMETERS = 32;
const PARAMETER_VALUE = /^[\w-]{1,12}$/;

/**
 * The profile of a profile-level-id, from its first two bytes (RFC 6184 table 5): several spellings are one profile. The level, its last
 * byte, may differ in both directions.
 */
function h264Profile(profileLevelId: string): string {
  if (!/^[\da-f]{6}$/.test(profileLevelId)) return profileLevelId;
  const idc = Number.parseInt(profileLevelId.slice(0, 2), 16);
  const constraints = Number.parseInt(profileLevelId.slice(2, 4), 16);
  const known = H264_PROFILES.find((it) => it.idc === idc && (constraints & it.mask) === it.constraints);
  return known?.name ?? profileLevelId.slice(0, 4);
}

const H264_PROFILES = [
  { name: 'constrained baseline', idc: 0x42, mask: 0x4f, constraints: 0x40 },
  { name: 'constrained baseline', idc: 0x4d, mask: 0x8f, constraints: 0x80 },
  { name: 'constrained baseline', idc: 0x58, mask: 0xcf, constraints: 0xc0 },
  { name: 'baseline', idc: 0x42, mask: 0x4f, constraints: 0x00 },
  { name: 'baseline', idc: 0x58, mask: 0xcf, constraints: 0x80 },
  { name: 'main', idc: 0x4d, mask: 0xaf, constraints: 0x00 },
  { name: 'constrained high', idc: 0x64, mask: 0xff, constraints: 0x0c },
  { name: 'high', idc: 0x64, mask: 0xff, constraints: 0x00 },
];

/**
 * The parameters of an accepted codec in our descriptions. Of video those of the peer, as far as they name the format: they are what the
 * receivers of a track have to decode. Of audio our own, and stereo and discontinuous transmission where the peer has them: receivers are
 * sent what it sends.
 */
export function acceptedParameters(ours: Codec, offered: string): string {
  if (ours === OPUS)
    return withFlags(ours, [...(isStereo(offered) ? ['stereo'] : []), ...flagsIn(offered, ['usedtx'])]);
  const names = ECHOED[ours.mimeType];
  if (names === undefined) return ours.parameters;
  return names
    .flatMap((name) => {
      const value = parameterOf(offered, name);
      return value === undefined ? [] : `${name}=${value}`;
    })
    .join(';');
}

/** The parameters of a codec in an offer of ours that adds a track of a format. RFC 7587 section 6.1: a sender announces in advance that it sends stereo. */
export function offeredParameters(ours: Codec, { parameters = '' }: Format): string {
  return ours === OPUS && isStereo(parameters) ? withFlags(ours, ['sprop-stereo']) : ours.parameters;
}

const isStereo = (parameters: string): boolean => flagsIn(parameters, ['stereo', 'sprop-stereo']).length > 0;

const flagsIn = (parameters: string, names: readonly string[]): string[] =>
  names.filter((name) => parameterOf(parameters, name) === '1');

const withFlags = ({ parameters }: Codec, names: readonly string[]): string =>
  [parameters, ...names.map((name) => `${name}=1`)].join(';');

const ECHOED: Readonly<Record<string, readonly string[]>> = {
  'video/H264': ['level-asymmetry-allowed', 'packetization-mode', 'profile-level-id'],
  'video/VP9': ['profile-id'],
  'video/AV1': ['level-idx', 'profile', 'tier'],
};

const byName = (kind: MediaKind): KeyedCodec[][] =>
  [...Map.groupBy(CODECS[kind], ({ mimeType }) => mimeType).values()].map((codecs) =>
    codecs.map((codec) => ({ key: codecKey(codec), codec })),
  );
const BY_NAME = { audio: byName('audio'), video: byName('video'), application: byName('application') };
