import { RtcError } from '../errors.ts';
import type { PublishedTrack } from '../media/published-track.ts';
import type { PayloadMap } from '../sdp/capabilities.ts';
import {
  type Codec,
  directionOf,
  type HeaderExtension,
  type LocalSection,
  type MediaKind,
  type RemoteDescription,
  type RemoteSection,
  receives,
  type SctpParameters,
  sends,
} from '../sdp/description.ts';

// What a browser's user can publish is a voice, a screen with its audio and a camera, each maybe in two codecs; the rest is slack.
const MAX_PEER_SECTIONS = 32;

/** One m-section of a session, in both directions. */
export interface Section {
  readonly mid: string;
  readonly kind: MediaKind;
  readonly createdBy: 'peer' | 'sfu';
  /** Both sides have it. What is only in an offer of ours that nobody answered may still vanish. */
  negotiated: boolean;
  rejected: boolean;
  codecs: readonly Codec[];
  extensions: readonly HeaderExtension[];
  sctp?: SctpParameters;
  /** What we send here, and under which source. */
  sending?: { readonly track: PublishedTrack; readonly ssrc: number };
  /** The peer takes what we send. */
  peerReceives: boolean;
  /** What the peer sends here. */
  receiving?: ReceivedTrack;
}

/** What a peer announces to send on a section. */
export interface ReceivedTrack {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly streamId: string;
  readonly ssrc: number;
  readonly codec: Codec;
  readonly extensions: readonly HeaderExtension[];
}

/** The m-sections of a session in their order, which never changes: a section is only ever appended, or rejected in its place. */
export class Sections {
  readonly #payloads: PayloadMap;
  readonly #randomSsrc: () => number;
  readonly #maxMessageSizeBytes: number;
  #sections: Section[] = [];

  constructor(payloads: PayloadMap, randomSsrc: () => number, maxMessageSizeBytes: number) {
    this.#payloads = payloads;
    this.#randomSsrc = randomSsrc;
    this.#maxMessageSizeBytes = maxMessageSizeBytes;
  }

  get all(): readonly Section[] {
    return this.#sections;
  }

  /** Takes over a peer's offer. Sections of ours that were never answered give way to what the peer appended. */
  applyOffer(offer: RemoteDescription): void {
    this.#sections = this.#sections.filter(({ negotiated }) => negotiated);
    if (offer.sections.length < this.#sections.length) throw mismatch('fewer media sections than before');
    const added = offer.sections.slice(this.#sections.length);
    const peerCount = this.#sections.filter(({ createdBy }) => createdBy === 'peer').length;
    if (peerCount + added.length > MAX_PEER_SECTIONS) throw mismatch(`more than ${MAX_PEER_SECTIONS} of its own`);
    this.#recycle(offer.sections);
    this.#checkOrder(offer);
    for (const remote of added) this.#sections.push(newSection(remote.mid, remote.kind, 'peer'));
    this.#merge(offer.sections);
  }

  /** Takes over a peer's answer to our offer. */
  applyAnswer(answer: RemoteDescription): void {
    if (answer.sections.length !== this.#sections.length)
      throw mismatch('another number of media sections than offered');
    this.#checkOrder(answer);
    this.#merge(answer.sections);
  }

  /** Starts to offer a track: on a section of ours that is free again, else on a new one. */
  add(track: PublishedTrack): void {
    const section = this.#sections.find((candidate) => isReusable(candidate, track)) ?? this.#append(track.kind);
    section.sending = { track, ssrc: this.#randomSsrc() };
    section.peerReceives = false;
  }

  /** Stops to offer a track. The section stays, for another one. */
  remove(track: PublishedTrack): void {
    for (const section of this.#sections) if (section.sending?.track === track) section.sending = undefined;
  }

  /** What our next description says. An answer takes up no more than was offered; an offer asks for what we want. */
  describe(type: 'offer' | 'answer'): LocalSection[] {
    return this.#sections.map((section) => ({
      mid: section.mid,
      kind: section.kind,
      rejected: section.rejected,
      codecs: section.codecs,
      extensions: section.extensions,
      direction: directionOf(
        section.sending !== undefined && (type === 'offer' || section.peerReceives),
        section.receiving !== undefined,
      ),
      ...(section.sending && {
        sending: {
          streamId: section.sending.track.senderID,
          trackId: section.sending.track.id,
          ssrc: section.sending.ssrc,
        },
      }),
      ...(section.sctp && { sctp: { port: section.sctp.port, maxMessageSize: this.#maxMessageSizeBytes } }),
    }));
  }

  #append(kind: MediaKind): Section {
    const highest = Math.max(-1, ...this.#sections.map(({ mid }) => Number(mid)).filter(Number.isSafeInteger));
    const section = newSection(String(highest + 1), kind, 'sfu');
    section.codecs = this.#payloads.offerCodecs(kind);
    section.extensions = this.#payloads.offerExtensions(kind);
    this.#sections.push(section);
    return section;
  }

  /** RFC 9429 section 5.2.2: an offerer may give the place of a rejected section to a new one, under a new mid. */
  #recycle(remotes: readonly RemoteSection[]): void {
    for (const [index, section] of this.#sections.entries()) {
      const remote = remotes[index]!;
      if (section.rejected && !remote.rejected && remote.mid !== section.mid) {
        this.#sections[index] = newSection(remote.mid, remote.kind, 'peer');
      }
    }
  }

  #checkOrder({ sections }: RemoteDescription): void {
    for (const [index, section] of this.#sections.entries()) {
      const remote = sections[index]!;
      if (remote.mid !== section.mid || (remote.kind !== section.kind && !remote.rejected)) {
        throw mismatch(`section ${index} is not ${section.kind} ${section.mid} any more`);
      }
    }
  }

  #merge(remotes: readonly RemoteSection[]): void {
    for (const [index, section] of this.#sections.entries()) this.#mergeSection(section, remotes[index]!);
  }

  #mergeSection(section: Section, remote: RemoteSection): void {
    section.negotiated = true;
    if (section.kind === 'application') {
      section.rejected ||= remote.rejected || remote.sctp === undefined;
      section.sctp = remote.sctp;
      return;
    }
    section.codecs = this.#payloads.acceptCodecs(section.kind, remote.codecs);
    section.extensions = this.#payloads.acceptExtensions(section.kind, remote.extensions);
    section.rejected ||= remote.rejected || section.codecs.length === 0;
    section.peerReceives = !section.rejected && receives(remote.direction);
    section.receiving = section.rejected ? undefined : receivedTrack(section, remote);
  }
}

function receivedTrack(section: Section, remote: RemoteSection): ReceivedTrack | undefined {
  const [ssrc] = remote.ssrcs;
  const [codec] = section.codecs;
  if (!sends(remote.direction) || ssrc === undefined || codec === undefined) return undefined;
  if (section.kind === 'application') return undefined;
  const { mid, kind, extensions } = section;
  return { mid, kind, streamId: remote.streamId, ssrc, codec, extensions };
}

const newSection = (mid: string, kind: MediaKind, createdBy: Section['createdBy']): Section => ({
  mid,
  kind,
  createdBy,
  negotiated: false,
  rejected: false,
  codecs: [],
  extensions: [],
  peerReceives: false,
});

/** A peer's own sections are left to it: their transceivers may not be willing to receive. */
const isReusable = (section: Section, track: PublishedTrack) =>
  section.createdBy === 'sfu' && section.kind === track.kind && !section.rejected && section.sending === undefined;

const mismatch = (what: string) => new RtcError('invalid_sdp', `invalid SDP: ${what}`);
