import type { PublishedTrack } from '../call/published-track.ts';
import { RtcError } from '../errors.ts';
import type { PayloadMap } from '../sdp/capabilities.ts';
import {
  type Direction,
  directionOf,
  type LocalDescription,
  type LocalSection,
  type MediaKind,
  type RemoteDescription,
  type RemoteSection,
  receives,
  type SendingTrack,
  sends,
} from '../sdp/description.ts';
import { isDisused, isRecyclable, newSection, receivedTrack, type Section, sendingPayloadType } from './section.ts';

// What a browser's user can publish is a voice, a screen with its audio and a camera, each maybe in two codecs; the rest is slack.
const MAX_PEER_SECTIONS = 32;
/** That, each all at once. What one peer sends goes to everybody. */
const MAX_RECEIVED_TRACKS = 8;
/** All of them, as many as we would read in an answer: what a peer refuses leaves its place behind for good. */
const MAX_SECTIONS = 2048;
/** Stacks count their mids from 0. Whoever begins with larger ones does not count. */
const MAX_COUNTED_MID = 1_000_000;

/**
 * The m-sections of a session in their order. A section keeps its place until it is rejected; then another one may take the place. What
 * our own offer changes holds from the answer on, and is forgotten when the peer offers instead.
 */
export class Sections {
  readonly #payloads: PayloadMap;
  readonly #randomSsrc: () => number;
  readonly #maxMessageSizeBytes: number;
  #agreed: readonly Section[] = [];
  /** As in our offer that is not answered yet. */
  #offered: readonly Section[] | undefined;
  /** The peer's BUNDLE group, as it said it last. */
  #bundle: readonly string[] | undefined;
  /** Above those that were used before, so that none comes twice. */
  #nextMid = 0;

  constructor(payloads: PayloadMap, randomSsrc: () => number, maxMessageSizeBytes: number) {
    this.#payloads = payloads;
    this.#randomSsrc = randomSsrc;
    this.#maxMessageSizeBytes = maxMessageSizeBytes;
  }

  /** Those of our pending offer, or else those that both sides have. */
  get all(): readonly Section[] {
    return this.#offered ?? this.#agreed;
  }

  /** Those that both sides have. */
  get agreed(): readonly Section[] {
    return this.#agreed;
  }

  /** Takes over a peer's offer, or nothing of it. It was made without our own pending one, which is forgotten. */
  applyOffer(offer: RemoteDescription): void {
    if (offer.sections.length < this.#agreed.length) throw mismatch('fewer media sections than before');
    const sections = offer.sections.map((remote, index) => {
      const section = this.#agreed[index];
      return section && !isRecycled(section, remote) ? section : newSection(remote.mid, remote.kind, 'peer');
    });
    const peerCount = sections.filter(({ createdBy }) => createdBy === 'peer').length;
    if (peerCount > MAX_PEER_SECTIONS) throw mismatch(`more than ${MAX_PEER_SECTIONS} of its own`);
    checkOrder(sections, offer);
    for (const section of sections) section.closing = false;
    this.#agree(sections, offer);
  }

  /** Takes over a peer's answer to our offer. */
  applyAnswer(answer: RemoteDescription): void {
    const sections = this.all;
    if (answer.sections.length !== sections.length) throw mismatch('another number of media sections than offered');
    checkOrder(sections, answer);
    this.#agree(sections, answer);
  }

  /** Whether `send` would change anything. */
  differsFrom(tracks: readonly PublishedTrack[]): boolean {
    const added = new Set(tracks);
    for (const section of this.all) {
      if (section.sending && !added.delete(section.sending.track)) return true;
      if (isDisused(section)) return true;
    }
    return [...added].some(({ kind }) => this.#findPlace(this.all, kind) !== undefined);
  }

  /**
   * Offers to send these tracks and no others: each new one on a section of its own, and the sections of those that ended are rejected.
   * More than there is room for stay away.
   */
  send(tracks: readonly PublishedTrack[]): void {
    const added = new Set(tracks);
    const sections = [...this.all];
    const mids = new Set(sections.map(({ mid }) => mid));
    for (const section of sections) {
      if (section.sending && !added.delete(section.sending.track)) section.sending = undefined;
      section.closing ||= isDisused(section);
    }
    for (const track of added) {
      const place = this.#findPlace(sections, track.kind);
      if (place !== undefined) sections[place] = this.#open(track, mids);
    }
    this.#offered = sections;
  }

  /**
   * What our next description says. An answer takes up no more than was offered. An offer always would receive: the peer may have just added
   * a track to a section of ours, and learns of no refusal. It would take such a track for sent.
   */
  describe(type: 'offer' | 'answer'): Pick<LocalDescription, 'bundle' | 'sections'> {
    const sections = this.#describeSections(type);
    return { sections, bundle: this.#bundle && bundleOf(sections, this.#bundle) };
  }

  #describeSections(type: 'offer' | 'answer'): LocalSection[] {
    return this.all.map((section) => {
      const { mid, kind, codecs, extensions, sending, sctp } = section;
      const rejected = section.rejected || section.closing;
      return {
        mid,
        kind,
        rejected,
        codecs,
        extensions,
        direction: rejected ? 'inactive' : localDirection(section, type),
        ...(sending && !rejected && { sending: sendingTrack(sending) }),
        ...(sctp && { sctp: { port: sctp.port, maxMessageSize: this.#maxMessageSizeBytes } }),
      };
    });
  }

  /**
   * The only place where it is decided where a new track goes: in the place of a section that was rejected, or behind all others. A peer
   * that does not bundle would need another transport for it.
   */
  #findPlace(sections: readonly Section[], kind: MediaKind): number | undefined {
    if (!this.#bundle) return undefined;
    const free = sections.findIndex((section) => section.kind === kind && isRecyclable(section));
    if (free >= 0) return free;
    return sections.length < MAX_SECTIONS ? sections.length : undefined;
  }

  #open(track: PublishedTrack, taken: ReadonlySet<string>): Section {
    while (taken.has(String(this.#nextMid))) this.#nextMid += 1;
    const section = newSection(String(this.#nextMid++), track.kind, 'sfu');
    section.codecs = this.#payloads.offerCodecs(track.kind);
    section.extensions = this.#payloads.offerExtensions(track.kind);
    section.sending = { track, ssrc: this.#randomSsrc() };
    return section;
  }

  #agree(sections: readonly Section[], { bundle, sections: remotes }: RemoteDescription): void {
    // A number means one thing for all sections (RFC 9143 section 9.1).
    const formats = new Map(remotes.flatMap(({ codecs }) => codecs.map((codec) => [codec.payloadType, codec])));
    for (const [index, section] of sections.entries()) {
      const remote = remotes[index]!;
      this.#mergeSection(section, remote);
      section.payloadType = sendingPayloadType(section, formats);
      section.receiving = receivedTrack(section, remote);
      if (Number(section.mid) < MAX_COUNTED_MID) this.#nextMid = Math.max(this.#nextMid, Number(section.mid) + 1);
    }
    // The last ones are the newest: a browser that moves its microphone leaves open sections behind.
    const receiving = sections.filter((section) => section.receiving);
    for (const section of receiving.slice(0, -MAX_RECEIVED_TRACKS)) section.receiving = undefined;
    this.#agreed = sections;
    this.#offered = undefined;
    this.#bundle = bundle;
  }

  #mergeSection(section: Section, remote: RemoteSection): void {
    // An offered rejection is final (RFC 3264 section 6), whatever the answer says.
    section.rejected ||= section.closing || remote.rejected || !remote.bundled;
    if (section.kind === 'application') {
      section.rejected ||= remote.sctp === undefined;
      section.sctp = remote.sctp;
      return;
    }
    section.codecs = this.#payloads.acceptCodecs(section.kind, remote.codecs);
    section.extensions = this.#payloads.acceptExtensions(section.kind, remote.extensions);
    section.rejected ||= section.codecs.length === 0;
    section.peerReceives = !section.rejected && receives(remote.direction);
    section.peerPublishes = !section.rejected && sends(remote.direction) && isAnnounced(remote);
  }
}

const localDirection = ({ sending, peerReceives, receiving }: Section, type: 'offer' | 'answer'): Direction =>
  type === 'offer'
    ? directionOf(sending !== undefined, true)
    : directionOf(sending !== undefined && peerReceives, receiving !== undefined);

/** RFC 9143 section 7.3.1: as the peer listed them. What is new comes last, so that the tagged section stays where it is while it is accepted. */
function bundleOf(sections: readonly LocalSection[], known: readonly string[]): readonly string[] {
  const mids = new Set(sections.flatMap(({ mid, rejected }) => (rejected ? [] : [mid])));
  return [...new Set(known.filter((mid) => mids.has(mid))).union(mids)];
}

const sendingTrack = ({ track, ssrc }: NonNullable<Section['sending']>): SendingTrack => ({
  streamId: track.senderID,
  trackId: track.id,
  ssrc,
});

/** The peer gave the place to another section. If it answered our rejection, that may have been lost on its way. */
const isRecycled = ({ rejected, closing, mid }: Section, remote: RemoteSection): boolean =>
  (rejected || closing) && !isNamed(remote, mid);

/** A rejected section may come without a mid: then it is the one in its place. */
const isNamed = (remote: RemoteSection, mid: string): boolean => remote.mid === mid || remote.mid === '';

const isAnnounced = ({ streamId, ssrcs }: RemoteSection): boolean => streamId !== '' || ssrcs.length > 0;

function checkOrder(sections: readonly Section[], { sections: remotes }: RemoteDescription): void {
  for (const [index, section] of sections.entries()) {
    const remote = remotes[index]!;
    if (!isNamed(remote, section.mid) || (remote.kind !== section.kind && !remote.rejected)) {
      throw mismatch(`section ${index} is not ${section.kind} ${section.mid} any more`);
    }
  }
}

const mismatch = (what: string) => new RtcError('invalid_sdp', `invalid SDP: ${what}`);
