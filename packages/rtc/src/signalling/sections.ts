import type { PublishedTrack } from '../call/published-track.ts';
import { RtcError } from '../errors.ts';
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
/** That, each all at once. What one peer sends goes to everybody. */
const MAX_RECEIVED_TRACKS = 8;
/** All of them, as many as we would read in an answer: what a peer refuses leaves its place behind for good. */
const MAX_SECTIONS = 2048;

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

  /** Takes over a peer's offer, or nothing of it. Sections of ours that were never answered give way to what the peer appended. */
  applyOffer(offer: RemoteDescription): void {
    const sections = this.#sections.filter(({ negotiated }) => negotiated);
    if (offer.sections.length < sections.length) throw mismatch('fewer media sections than before');
    for (const [index, remote] of offer.sections.entries()) {
      const section = sections[index];
      if (section === undefined || isRecycled(section, remote)) {
        sections[index] = newSection(remote.mid, remote.kind, 'peer');
      }
    }
    const peerCount = sections.filter(({ createdBy }) => createdBy === 'peer').length;
    if (peerCount > MAX_PEER_SECTIONS) throw mismatch(`more than ${MAX_PEER_SECTIONS} of its own`);
    checkOrder(sections, offer);
    this.#sections = sections;
    this.#merge(offer);
  }

  /** Takes over a peer's answer to our offer. */
  applyAnswer(answer: RemoteDescription): void {
    if (answer.sections.length !== this.#sections.length)
      throw mismatch('another number of media sections than offered');
    checkOrder(this.#sections, answer);
    this.#merge(answer);
  }

  /** Whether `send` would change anything. */
  differsFrom(tracks: readonly PublishedTrack[]): boolean {
    const added = new Set(tracks);
    for (const { sending } of this.#sections) if (sending && !added.delete(sending.track)) return true;
    if (added.size === 0) return false;
    if (this.#sections.length < MAX_SECTIONS) return true;
    const free = new Set(this.#sections.filter(isFree).map(({ kind }) => kind));
    return [...added].some(({ kind }) => free.has(kind));
  }

  /**
   * Offers to send these tracks and no others. The section of a track that ended is free for another one; a track finds a free
   * section of ours, or gets a new one at the end. More than there is room for stay away.
   */
  send(tracks: readonly PublishedTrack[]): void {
    const added = new Set(tracks);
    for (const section of this.#sections) {
      if (section.sending && !added.delete(section.sending.track)) section.sending = undefined;
    }
    const waiting: Partial<Record<MediaKind, PublishedTrack[]>> = Object.groupBy(added, ({ kind }) => kind);
    for (const section of this.#sections) {
      const track = isFree(section) ? waiting[section.kind]?.shift() : undefined;
      if (track) this.#start(section, track);
    }
    for (const tracksOfKind of Object.values(waiting)) this.#append(tracksOfKind);
  }

  /**
   * What our next description says. An answer takes up no more than was offered. An offer always would receive: the peer may have just added
   * a track to a section of ours, and learns of no refusal. It would take such a track for sent.
   */
  describe(type: 'offer' | 'answer'): LocalSection[] {
    return this.#sections.map((section) => ({
      mid: section.mid,
      kind: section.kind,
      rejected: section.rejected,
      codecs: section.codecs,
      extensions: section.extensions,
      direction: directionOf(
        section.sending !== undefined && (type === 'offer' || section.peerReceives),
        section.receiving !== undefined || type === 'offer',
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

  #start(section: Section, track: PublishedTrack): void {
    section.sending = { track, ssrc: this.#randomSsrc() };
    section.peerReceives = false;
  }

  #append(tracks: Iterable<PublishedTrack>): void {
    const mids = new Set(this.#sections.map(({ mid }) => mid));
    let number = mids.size;
    for (const track of tracks) {
      if (this.#sections.length >= MAX_SECTIONS) return;
      while (mids.has(String(number))) number += 1;
      const section = newSection(String(number++), track.kind, 'sfu');
      section.codecs = this.#payloads.offerCodecs(track.kind);
      section.extensions = this.#payloads.offerExtensions(track.kind);
      this.#sections.push(section);
      this.#start(section, track);
    }
  }

  #merge({ sections: remotes }: RemoteDescription): void {
    let room = MAX_RECEIVED_TRACKS;
    for (const [index, section] of this.#sections.entries()) {
      const remote = remotes[index]!;
      this.#mergeSection(section, remote);
      section.receiving = room > 0 ? receivedTrack(section, remote) : undefined;
      if (section.receiving) room -= 1;
    }
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
  }
}

function receivedTrack(section: Section, remote: RemoteSection): ReceivedTrack | undefined {
  const { mid, kind, rejected, extensions } = section;
  const [ssrc] = remote.ssrcs;
  const [codec] = section.codecs;
  if (kind === 'application' || rejected || !sends(remote.direction)) return undefined;
  if (ssrc === undefined || codec === undefined) return undefined;
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

/** RFC 9429 section 5.2.2: an offerer may give the place of a rejected section to a new one, under a new mid. */
const isRecycled = (section: Section, remote: RemoteSection) =>
  section.rejected && !remote.rejected && remote.mid !== section.mid;

function checkOrder(sections: readonly Section[], { sections: remotes }: RemoteDescription): void {
  for (const [index, section] of sections.entries()) {
    const remote = remotes[index]!;
    if (remote.mid !== section.mid || (remote.kind !== section.kind && !remote.rejected)) {
      throw mismatch(`section ${index} is not ${section.kind} ${section.mid} any more`);
    }
  }
}

/** For a track of ours. A peer's own sections are left to it: their transceivers may not be willing to receive. */
const isFree = ({ createdBy, rejected, sending }: Section) => createdBy === 'sfu' && !rejected && sending === undefined;

const mismatch = (what: string) => new RtcError('invalid_sdp', `invalid SDP: ${what}`);
