import type { MediaMap } from '@rtcd/protocol';
import type { NegotiatedMedia, ReceivedTrack } from '../call/negotiated-media.ts';
import type { PublishedTrack } from '../call/published-track.ts';
import { isFormatOf, isSameCodec } from '../sdp/codec-table.ts';
import type { Codec, HeaderExtension, MediaKind, RemoteSection, SctpParameters } from '../sdp/description.ts';
import { sends } from '../sdp/description.ts';

/** One m-section of a session, in both directions. Its mid, and what either side once sent on it, are permanently its own. */
export interface Section {
  readonly mid: string;
  readonly kind: MediaKind;
  readonly createdBy: 'peer' | 'sfu';
  /** The peer is known to have it. What it offered once may be rolled back, if our answer was lost. */
  confirmed: boolean;
  /** Both sides know: nothing flows here any more, and the place is free for another section. */
  rejected: boolean;
  /** Our offer that is pending, or was the last, rejects it. */
  closing: boolean;
  /** As the peer described it last, if that was applied. */
  remote?: RemoteSection;
  codecs: readonly Codec[];
  /** Those that both sides have, under the numbers with which we send. */
  sentCodecs: readonly Codec[];
  extensions: readonly HeaderExtension[];
  /** Either side reads header extensions in both forms. */
  allowsMixedExtensions: boolean;
  /** The encodings that the peer sends at once. It permanently stops one that an answer does not name, even while it sends none. */
  rids: readonly string[];
  sctp?: SctpParameters;
  /** Track that we send here, and its sources. Ends with the track; there is never a second one. */
  sending?: { readonly track: PublishedTrack; readonly ssrc: number; readonly rtxSsrc?: number };
  /** The MediaStream that we announced here, still known when `sending` has ended. */
  ownStreamId?: string;
  /** The peer takes what we send. */
  peerReceives: boolean;
  /** The peer has a track of its own here. Agreeing to send is not enough: some do wherever they may. */
  peerPublishes: boolean;
  /** The peer had a track of its own here. */
  hasPublished: boolean;
  /** Its number among those on which the peer's track has ended. */
  idleSince?: number | undefined;
  /** Track that the peer sends here. */
  receiving?: ReceivedTrack;
}

export const newSection = (mid: string, kind: MediaKind, createdBy: Section['createdBy']): Section => ({
  mid,
  kind,
  createdBy,
  confirmed: false,
  rejected: false,
  closing: false,
  codecs: [],
  sentCodecs: [],
  extensions: [],
  allowsMixedExtensions: true,
  rids: [],
  peerReceives: false,
  peerPublishes: false,
  hasPublished: false,
});

/** The codec of what is sent on a section. Undefined if the peer does not have it. */
export const sentCodec = ({ codecs, sending }: Section): Codec | undefined =>
  sending && codecs.find((codec) => isFormatOf(sending.track, codec));

/** Returns whether a section cannot carry its track any more, which has changed to a codec that was not agreed on. */
export const isOutgrown = (section: Section): boolean =>
  section.sending !== undefined && section.peerReceives && sentCodec(section) === undefined;

/**
 * Returns a section's codecs under the numbers with which the peer is sent them: of each the first that was agreed on, unless the peer now gives
 * it to another codec (`formats`, by number). RFC 3264 section 8.3.2 forbids to change what a number means. aiortc renumbers the sections that
 * we opened in offers of its own, and drops packets that come under the new number.
 */
export function sentCodecs(
  { codecs, sentCodecs: before }: Section,
  formats: ReadonlyMap<number, Codec>,
): readonly Codec[] {
  if (before.length === 0 || before === codecs) return codecs;
  const numbered = codecs.map((codec) => {
    const payloadType = before.find((it) => isSameCodec(it, codec))?.payloadType ?? codec.payloadType;
    const now = formats.get(payloadType) ?? codec;
    return payloadType !== codec.payloadType && isSameCodec(codec, now) ? { ...codec, payloadType } : codec;
  });
  return numbered.every((codec, at) => codec === codecs[at]) ? codecs : numbered;
}

/**
 * True if the peer has a track here. libdatachannel agrees to send wherever it may, and repeats our MediaStream as if it were its own.
 * Chromium, configured to send and receive, announces a source for a section without a track; of video, whose type is that of its stream, only
 * one with a stream can ever be taken.
 */
export function isPublished(
  { kind, rejected, ownStreamId = '' }: Section,
  { direction, streamId, ssrcs }: RemoteSection,
): boolean {
  if (rejected || !sends(direction)) return false;
  const hasStream = streamId !== '' && streamId !== NO_STREAM && streamId !== ownStreamId;
  return hasStream || (kind === 'audio' && ssrcs.length > 0);
}

/** RFC 8830 section 2: the placeholder for the stream of a track without one. */
const NO_STREAM = '-';

/** The track that a description announces, if it is one that we can take. */
export function receivedTrack(section: Section, remote: RemoteSection): ReceivedTrack | undefined {
  const { mid, kind, createdBy, rejected, codecs, extensions, peerPublishes } = section;
  const [codec] = codecs;
  if (kind === 'application' || rejected || codec === undefined || !sends(remote.direction)) return undefined;
  if (createdBy === 'sfu' && !peerPublishes) return undefined;
  const { streamId, trackId, rids, ssrcs, rtxSsrcs } = remote;
  return {
    mid,
    kind,
    isAnnounced: peerPublishes,
    streamId,
    trackId,
    rids,
    ssrcs,
    rtxSsrcs,
    codec,
    codecs,
    extensions,
  };
}

/** Tracks that flow now, according to the sections. */
export const negotiatedMedia = (sections: readonly Section[]): NegotiatedMedia => ({
  receiving: sections.flatMap(({ receiving }) => (receiving ? [receiving] : [])),
  sending: sections.flatMap((section) => {
    const { sending, extensions, sentCodecs: codecs, peerReceives, rejected } = section;
    if (!sending) return [];
    return [{ ...sending, extensions, codecs: peerReceives && !rejected ? codecs : [] }];
  }),
});

/**
 * A section of ours whose track ended, and on which the peer has none. A browser reports the end to an application only when the section is
 * rejected, and keeps the first track's identity until then: so the next track gets another section.
 */
export const isDisused = ({ createdBy, rejected, sending, peerPublishes }: Section): boolean =>
  createdBy === 'sfu' && !rejected && sending === undefined && !peerPublishes;

/** Reports whether a section of the peer's is offered as one on which nothing flows any more. */
export const isAbandoned = ({ createdBy, rejected, hasPublished, sending }: Section, remote: RemoteSection): boolean =>
  createdBy === 'peer' && !rejected && hasPublished && sending === undefined && !sends(remote.direction);

/** RFC 9429 section 5.2.2: the place of a rejected section may be given to a new one, under a new mid. One that the peer refused is not ours to ask for again. */
export const isRecyclable = ({ rejected, sending }: Section): boolean => rejected && sending === undefined;

/** Our pending offer ends it. */
export const isClosing = ({ rejected, closing }: Section): boolean => closing && !rejected;

/** Sections that our next description rejects. */
export const isGone = ({ rejected, closing }: Section): boolean => rejected || closing;

/** Reports whether the peer's next offer has another section in the place of this one. If it answered our rejection, that may have been lost on its way. */
export const isReplaced = (section: Section, remote: RemoteSection): boolean =>
  (isGone(section) || isRevocable(section)) && !isNamed(remote, section.mid);

/** The data channel's section was there before any offer that could make the peer roll it back. */
export const isRevocable = ({ confirmed, kind }: Section): boolean => !confirmed && kind !== 'application';

/** Reports whether a description of the peer takes this section of ours as we offered it. */
export const isTaken = (section: Section, remote: RemoteSection | undefined): boolean =>
  remote !== undefined && isNamed(remote, section.mid) && (remote.rejected || !isGone(section));

/** A rejected section may come without a mid: then it is the one in its place. */
export const isNamed = (remote: RemoteSection, mid: string): boolean => remote.mid === mid || remote.mid === '';

/** The contract's MediaMap: whose track flows on each mid on which we send. */
export const mediaMap = (sections: readonly Section[]): MediaMap =>
  Object.fromEntries(
    sections.flatMap(({ mid, sending }) =>
      sending ? [[mid, { type: sending.track.type, senderID: sending.track.senderID }]] : [],
    ),
  );
