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

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'; // RFC 6464
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

/**
 * The payload types and extension ids of one BUNDLE, where a number means one thing for all sections (RFC 9143 section 9.1).
 * The peer's numbers win; ours fill what it has not said.
 */
export class PayloadMap {
  readonly #payloadTypes = new Map<string, number>();
  readonly #extensionIds = new Map<string, number>();

  /** Which of the offered codecs we take, under the numbers of the offer and with our own parameters. */
  acceptCodecs(kind: MediaKind, offered: readonly Codec[]): Codec[] {
    return CODECS[kind].flatMap((ours) => {
      const match = offered.find((theirs) => isSameCodec(ours, theirs));
      if (!match) return [];
      this.#payloadTypes.set(ours.mimeType, match.payloadType);
      return [{ ...ours, payloadType: match.payloadType }];
    });
  }

  acceptExtensions(kind: MediaKind, offered: readonly HeaderExtension[]): HeaderExtension[] {
    const accepted = offered.filter(({ uri, id }) => EXTENSIONS[kind].includes(uri) && id <= MAX_ONE_BYTE_ID);
    for (const { uri, id } of accepted) this.#extensionIds.set(uri, id);
    return accepted;
  }

  /** What a section that we add ourselves offers. */
  offerCodecs(kind: MediaKind): Codec[] {
    return CODECS[kind].map((ours) => ({
      ...ours,
      payloadType: this.#payloadTypes.get(ours.mimeType) ?? ours.payloadType,
    }));
  }

  offerExtensions(kind: MediaKind): HeaderExtension[] {
    return EXTENSIONS[kind].map((uri) => ({ uri, id: this.#extensionIds.get(uri) ?? this.#freeExtensionId(uri) }));
  }

  #freeExtensionId(uri: string): number {
    const taken = new Set(this.#extensionIds.values());
    let id = PREFERRED_IDS[uri] ?? 1;
    while (taken.has(id)) id = (id % MAX_ONE_BYTE_ID) + 1;
    this.#extensionIds.set(uri, id);
    return id;
  }
}

/** The id under which the audio level (RFC 6464) travels on a section, or 0 where it does not. */
export const audioLevelId = (extensions: readonly HeaderExtension[]): number =>
  extensions.find(({ uri }) => uri === AUDIO_LEVEL)?.id ?? 0;

const isSameCodec = (ours: Codec, theirs: Codec) =>
  ours.mimeType.toLowerCase() === theirs.mimeType.toLowerCase() &&
  ours.clockRate === theirs.clockRate &&
  (ours.channels ?? 1) === (theirs.channels ?? 1);
