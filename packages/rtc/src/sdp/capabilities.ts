import { MAX_ONE_BYTE_ID } from '../rtp/header-extensions.ts';
import type { Codec, HeaderExtension, MediaKind } from './description.ts';

/** The contract's codecs ("Media in SDP"), with the payload types of our own offers. */
const OPUS: Codec = {
  payloadType: 111,
  mimeType: 'audio/opus',
  clockRate: 48_000,
  channels: 2,
  parameters: 'minptime=10;useinbandfec=1',
  feedback: [],
};

const MAX_SHARED_LISTS = 16;

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'; // RFC 6464
const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid'; // RFC 9143 section 15
const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/**
 * Chromium's own numbers. While the peer has not said any, these keep our offer from giving an id another meaning than it has in an
 * offer of the peer that is under way: Chromium then refuses ours for good instead of rolling its own back.
 */
const PREFERRED_IDS: Readonly<Record<string, number>> = { [AUDIO_LEVEL]: 1, [TRANSPORT_CC]: 3 };

/** Kept apart by media kind; video is not forwarded yet, so it has nothing here and is answered as refused. */
const CODECS: Record<MediaKind, readonly Codec[]> = { audio: [OPUS], video: [], application: [] };
const EXTENSIONS: Record<MediaKind, readonly string[]> = {
  audio: [AUDIO_LEVEL, TRANSPORT_CC],
  video: [],
  application: [],
};
/** Taken where the peer offers it, as it names the section of a packet whose SSRC is not announced. Ours are announced. */
const ACCEPTED_EXTENSIONS: typeof EXTENSIONS = { ...EXTENSIONS, audio: [...EXTENSIONS.audio, MID] };

/**
 * The payload types and extension ids of one BUNDLE, where a number means one thing for all sections (RFC 9143 section 9.1).
 * The peer's numbers win; ours fill what it has not said.
 */
export class PayloadMap {
  readonly #payloadTypes = new Map<string, number>();
  readonly #extensionIds = new Map<string, number>();
  readonly #codecs = new SharedLists<Codec>(({ payloadType, mimeType }) => `${payloadType} ${mimeType}`);
  readonly #extensions = new SharedLists<HeaderExtension>(({ id, uri }) => `${id} ${uri}`);

  /** Which of the offered codecs we take, under the numbers of the offer and with our own parameters. */
  acceptCodecs(kind: MediaKind, offered: readonly Codec[]): readonly Codec[] {
    const accepted = CODECS[kind].flatMap((ours) => {
      const match = offered.find((theirs) => isSameCodec(ours, theirs));
      return match ? { ...ours, payloadType: match.payloadType } : [];
    });
    for (const { mimeType, payloadType } of accepted) this.#payloadTypes.set(mimeType, payloadType);
    return this.#codecs.share(accepted);
  }

  acceptExtensions(kind: MediaKind, offered: readonly HeaderExtension[]): readonly HeaderExtension[] {
    const accepted = ACCEPTED_EXTENSIONS[kind].flatMap((uri) => {
      const match = offered.find((theirs) => theirs.uri === uri && theirs.id <= MAX_ONE_BYTE_ID);
      return match ? { uri, id: match.id } : [];
    });
    for (const { uri, id } of accepted) this.#extensionIds.set(uri, id);
    return this.#extensions.share(accepted);
  }

  /** What a section that we add ourselves offers. */
  offerCodecs(kind: MediaKind): readonly Codec[] {
    const offered = CODECS[kind].map((ours) => ({
      ...ours,
      payloadType: this.#payloadTypes.get(ours.mimeType) ?? ours.payloadType,
    }));
    return this.#codecs.share(offered);
  }

  offerExtensions(kind: MediaKind): readonly HeaderExtension[] {
    const offered = EXTENSIONS[kind].map((uri) => ({
      uri,
      id: this.#extensionIds.get(uri) ?? this.#freeExtensionId(uri),
    }));
    return this.#extensions.share(offered);
  }

  #freeExtensionId(uri: string): number {
    const taken = new Set(this.#extensionIds.values());
    let id = PREFERRED_IDS[uri] ?? 1;
    while (taken.has(id)) id = (id % MAX_ONE_BYTE_ID) + 1;
    this.#extensionIds.set(uri, id);
    return id;
  }
}

/** Gives one list for all that say the same: a peer in a call of 500 has 500 sections. */
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
    // A peer that keeps changing its numbers shall not fill us with lists.
    if (this.#lists.size >= MAX_SHARED_LISTS) this.#lists.clear();
    this.#lists.set(key, list);
    return list;
  }
}

/** The id under which the audio level (RFC 6464) travels on a section, or 0 where it does not. */
export const audioLevelId = (extensions: readonly HeaderExtension[]): number => idOf(AUDIO_LEVEL, extensions);

/** The id under which the mid (RFC 9143) travels on a section, or 0 where it does not. */
export const midId = (extensions: readonly HeaderExtension[]): number => idOf(MID, extensions);

const idOf = (wanted: string, extensions: readonly HeaderExtension[]): number =>
  extensions.find(({ uri }) => uri === wanted)?.id ?? 0;

/** Returns whether two codecs are the same format, whatever their payload types. */
export const isSameCodec = (ours: Codec, theirs: Codec): boolean =>
  ours.mimeType.toLowerCase() === theirs.mimeType.toLowerCase() &&
  ours.clockRate === theirs.clockRate &&
  (ours.channels ?? 1) === (theirs.channels ?? 1);
