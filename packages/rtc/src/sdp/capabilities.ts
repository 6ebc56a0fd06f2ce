import { MAX_ONE_BYTE_ID, MAX_TWO_BYTE_ID } from '../rtp/header-extensions.ts';
import {
  acceptedParameters,
  codecKey,
  codecsByName,
  isFormatOf,
  type KeyedCodec,
  offeredParameters,
  RED_PAYLOAD_TYPE,
} from './codec-table.ts';
import type { Codec, Format, HeaderExtension, MediaKind } from './description.ts';
import { detached } from './lines.ts';

const MAX_SHARED_LISTS = 16;

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'; // RFC 6464
const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid'; // RFC 9143 section 15
const RID = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'; // RFC 8852
const REPAIRED_RID = 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id'; // RFC 8852
const DEPENDENCY_DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';
const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/**
 * Chromium's own numbers. While the peer has named none, these keep our offer from giving an id another meaning than it has in an
 * offer of the peer that is under way: Chromium then refuses ours permanently instead of rolling its own back.
 */
const PREFERRED_IDS: Readonly<Record<string, number>> = {
  [AUDIO_LEVEL]: 1,
  [TRANSPORT_CC]: 3,
  [MID]: 4,
  [RID]: 10,
  [REPAIRED_RID]: 11,
  [DEPENDENCY_DESCRIPTOR]: 13,
};

const EXTENSIONS: Record<MediaKind, readonly string[]> = {
  audio: [AUDIO_LEVEL, TRANSPORT_CC],
  video: [TRANSPORT_CC, MID, RID, REPAIRED_RID, DEPENDENCY_DESCRIPTOR],
  application: [],
};
/** Taken where the peer offers it: the mid, as it names the section of a packet whose SSRC is not announced, which ours are. */
const ACCEPTED_EXTENSIONS: typeof EXTENSIONS = { ...EXTENSIONS, audio: [...EXTENSIONS.audio, MID] };

/** Without a fixed meaning, and not to be taken for RTCP (RFC 5761 section 4), in the order in which browsers use them up. */
const DYNAMIC_PAYLOAD_TYPES = [...range(96, 127), ...range(35, 63)];

/**
 * The payload types and extension ids of one BUNDLE, where a number means one thing for all sections (RFC 9143 section 9.1).
 * The peer's numbers take precedence; ours fill in what it has not named.
 */
export class PayloadMap {
  /** By `codecKey`, and by `rtxKey` for its retransmissions. */
  readonly #payloadTypes = new Map<string, number>();
  readonly #extensionIds = new Map<string, number>();
  /** The codec of each payload type that either side used, with those of the peer's that we do not have. */
  readonly #codecOf = new Map<number, string>();
  /** The extension ids that either side used, in the same way. */
  readonly #usedIds = new Set<number>();
  readonly #codecs = new SharedLists<Codec>(
    ({ payloadType, rtxPayloadType, red, mimeType, parameters, feedback }) =>
      `${payloadType} ${rtxPayloadType} ${red?.payloadType} ${red?.isPreferred} ${mimeType} ${parameters} ${feedback}`,
  );
  readonly #extensions = new SharedLists<HeaderExtension>(({ id, uri }) => `${id} ${uri}`);
  /** By the list of a description that its sections share. */
  readonly #acceptedCodecs = new WeakMap<readonly Codec[], readonly Codec[]>();
  readonly #acceptedWithRed = new WeakMap<readonly Codec[], readonly Codec[]>();
  readonly #acceptedExtensions = new WeakMap<readonly HeaderExtension[], AcceptedExtensions>();

  /**
   * Selects the offered codecs that we accept, under the numbers of the offer: of each name the best format that both sides have, VP8 first.
   * A redundant format is accepted where the peer prefers it, or if the section has it already.
   */
  acceptCodecs(kind: MediaKind, offered: readonly Codec[], hasRed = false): readonly Codec[] {
    const known = hasRed ? this.#acceptedWithRed : this.#acceptedCodecs;
    const before = known.get(offered);
    if (before) return before;
    const byKey = new Map<string, Codec>();
    for (const codec of offered) {
      const key = codecKey(codec);
      this.#remember(key, codec);
      if (!byKey.has(key)) byKey.set(key, codec);
    }
    const accepted = codecsByName(kind).flatMap((formats) => acceptCodec(formats, byKey, hasRed) ?? []);
    const shared = this.#codecs.share(accepted);
    known.set(offered, shared);
    return shared;
  }

  /** Selects the offered header extensions that we accept, under the ids of the offer. */
  acceptExtensions(
    kind: MediaKind,
    offered: readonly HeaderExtension[],
    allowsMixed = false,
  ): readonly HeaderExtension[] {
    const before = this.#acceptedExtensions.get(offered);
    if (before?.allowsMixed === allowsMixed) return before.accepted;
    const highestId = allowsMixed ? MAX_TWO_BYTE_ID : MAX_ONE_BYTE_ID;
    for (const { id } of offered) this.#usedIds.add(id);
    const accepted = ACCEPTED_EXTENSIONS[kind].flatMap((uri) => {
      const match = offered.find((theirs) => theirs.uri === uri && theirs.id <= highestId);
      // On key frames, the dependency descriptor is too long for the one-byte form, and the rest of the packets is in that.
      const isTaken = match !== undefined && (uri !== DEPENDENCY_DESCRIPTOR || allowsMixed);
      return isTaken ? { uri, id: match.id } : [];
    });
    for (const { uri, id } of accepted) this.#extensionIds.set(uri, id);
    const shared = this.#extensions.share(accepted);
    this.#acceptedExtensions.set(offered, { allowsMixed, accepted: shared });
    return shared;
  }

  /** Codecs that a section offers which we add for a track of this format: that first, then what a change of the sender's codec may bring. */
  offerCodecs(kind: MediaKind, format?: Format): readonly Codec[] {
    const isWanted = ({ codec }: KeyedCodec) => format !== undefined && isFormatOf(format, codec);
    const codecs = codecsByName(kind).map((formats) => formats.find(isWanted) ?? formats[0]!);
    const offered = [...codecs.filter(isWanted), ...codecs.filter((it) => !isWanted(it))];
    return this.#codecs.share(offered.flatMap((it) => this.#numbered(it, format) ?? []));
  }

  offerExtensions(kind: MediaKind): readonly HeaderExtension[] {
    const offered = EXTENSIONS[kind].flatMap((uri) => {
      const id = this.#extensionIds.get(uri) ?? this.#freeExtensionId(uri);
      return id === undefined ? [] : { uri, id };
    });
    return this.#extensions.share(offered);
  }

  #remember(key: string, { payloadType, rtxPayloadType, red }: Codec): void {
    this.#setPayloadType(key, payloadType);
    if (red !== undefined) this.#setPayloadType(redKey(key), red.payloadType);
    if (rtxPayloadType !== undefined) this.#setPayloadType(rtxKey(key), rtxPayloadType);
  }

  #setPayloadType(key: string, payloadType: number): void {
    const before = this.#codecOf.get(payloadType);
    if (before !== key) {
      // There are 128 payload types at most, and each is remembered with its last meaning only: that bounds the memory a peer takes.
      if (before !== undefined && this.#payloadTypes.get(before) === payloadType) this.#payloadTypes.delete(before);
      this.#codecOf.set(payloadType, detached(key));
    }
    if (this.#payloadTypes.get(key) !== payloadType) this.#payloadTypes.set(detached(key), payloadType);
  }

  #numbered({ key, codec }: KeyedCodec, wanted: Format = codec): Codec | undefined {
    const { rtxPayloadType: rtxPreferred, ...format } = codec;
    const payloadType = this.#payloadTypeOf(key, codec.payloadType);
    if (payloadType === undefined) return undefined;
    const rtxPayloadType = rtxPreferred === undefined ? undefined : this.#payloadTypeOf(rtxKey(key), rtxPreferred);
    const redPayloadType = wanted.hasRed ? this.#payloadTypeOf(redKey(key), RED_PAYLOAD_TYPE) : undefined;
    return {
      ...format,
      payloadType,
      parameters: offeredParameters(codec, wanted),
      ...(rtxPayloadType !== undefined && { rtxPayloadType }),
      ...(redPayloadType !== undefined && { red: { payloadType: redPayloadType, isPreferred: false } }),
    };
  }

  #payloadTypeOf(key: string, preferred: number): number | undefined {
    const known = this.#payloadTypes.get(key);
    if (known !== undefined) return known;
    const free = [preferred, ...DYNAMIC_PAYLOAD_TYPES].find((number) => !this.#codecOf.has(number));
    if (free !== undefined) this.#setPayloadType(key, free);
    return free;
  }

  #freeExtensionId(uri: string): number | undefined {
    const first = PREFERRED_IDS[uri] ?? 1;
    const candidates = range(first, first + MAX_ONE_BYTE_ID - 1).map((number) => ((number - 1) % MAX_ONE_BYTE_ID) + 1);
    const id = candidates.find((candidate) => !this.#usedIds.has(candidate));
    if (id === undefined) return undefined;
    this.#extensionIds.set(uri, id);
    this.#usedIds.add(id);
    return id;
  }
}

interface AcceptedExtensions {
  readonly allowsMixed: boolean;
  readonly accepted: readonly HeaderExtension[];
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const rtxKey = (key: string): string => `rtx of ${key}`;
const redKey = (key: string): string => `red of ${key}`;

/** The best of our formats of one name that is offered, as we answer it. */
function acceptCodec(
  formats: readonly KeyedCodec[],
  offered: ReadonlyMap<string, Codec>,
  hasRed: boolean,
): Codec | undefined {
  for (const { key, codec: ours } of formats) {
    const theirs = offered.get(key);
    if (theirs === undefined) continue;
    const { payloadType, rtxPayloadType, red, feedback, parameters } = theirs;
    const takesRed = red !== undefined && (red.isPreferred || hasRed);
    const { rtxPayloadType: _, ...codec } = ours;
    return {
      ...codec,
      payloadType,
      parameters: acceptedParameters(ours, parameters),
      feedback: ours.feedback.filter((line) => feedback.includes(line)),
      ...(rtxPayloadType !== undefined && ours.rtxPayloadType !== undefined && { rtxPayloadType }),
      ...(takesRed && { red }),
    };
  }
  return undefined;
}

/** Returns one list for all equal ones: a peer in a call of 500 has 500 sections. */
class SharedLists<Item> {
  readonly #keyOf: (item: Item) => string;
  readonly #lists = new Map<string, readonly Item[]>();

  constructor(keyOf: (item: Item) => string) {
    this.#keyOf = keyOf;
  }

  share(list: readonly Item[]): readonly Item[] {
    const key = list.map(this.#keyOf).join();
    const known = this.#lists.get(key);
    if (known) return known;
    // A peer that keeps changing its numbers must not fill our memory with lists.
    if (this.#lists.size >= MAX_SHARED_LISTS) this.#lists.clear();
    this.#lists.set(key, list);
    return list;
  }
}

/** The id under which the audio level (RFC 6464) travels on a section, or 0 where it does not. */
export const audioLevelId = (extensions: readonly HeaderExtension[]): number => idOf(AUDIO_LEVEL, extensions);

/** The id under which the mid (RFC 9143) travels on a section, or 0 where it does not. */
export const midId = (extensions: readonly HeaderExtension[]): number => idOf(MID, extensions);

/** The id under which the RID of a stream (RFC 8852) travels on a section, or 0 where it does not. */
export const ridId = (extensions: readonly HeaderExtension[]): number => idOf(RID, extensions);

/** The id under which the RID that a retransmission repairs (RFC 8852) travels on a section, or 0 where it does not. */
export const repairedRidId = (extensions: readonly HeaderExtension[]): number => idOf(REPAIRED_RID, extensions);

/** The id under which transport-wide sequence numbers travel on a section, or 0 where they do not. */
export const transportCcId = (extensions: readonly HeaderExtension[]): number => idOf(TRANSPORT_CC, extensions);

/** The id under which the dependency descriptor (AV1 RTP specification, appendix A) travels on a section, or 0 where it does not. */
export const dependencyDescriptorId = (extensions: readonly HeaderExtension[]): number =>
  idOf(DEPENDENCY_DESCRIPTOR, extensions);

const idOf = (wanted: string, extensions: readonly HeaderExtension[]): number =>
  extensions.find(({ uri }) => uri === wanted)?.id ?? 0;
