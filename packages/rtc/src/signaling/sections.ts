import type { PublishedTrack } from '../call/published-track.ts';
import { RtcError } from '../errors.ts';
import { DEFAULT_SCTP_PORT } from '../sctp/options.ts';
import type { PayloadMap } from '../sdp/capabilities.ts';
import { codecKey, isSameCodec } from '../sdp/codec-table.ts';
import {
  type Codec,
  type Direction,
  directionOf,
  type LocalDescription,
  type LocalSection,
  MAX_SECTIONS,
  type MediaKind,
  type RemoteDescription,
  type RemoteSection,
  receives,
  type SendingTrack,
} from '../sdp/description.ts';
import {
  isAbandoned,
  isClosing,
  isDisused,
  isGone,
  isNamed,
  isOutgrown,
  isPublished,
  isRecyclable,
  isReplaced,
  isRevocable,
  isTaken,
  newSection,
  receivedTrack,
  type Section,
  sentCodec,
  sentCodecs,
} from './section.ts';

/**
 * Upper bound on open sections that one peer created. The web client never closes those that it no longer sends on: a share of the
 * screen leaves up to three behind, a device switch while muted one.
 */
const MAX_PEER_SECTIONS = 256;
/** Upper bound on sections of one description that we did not create, those that were rejected included. Reading one takes some 10 µs. */
const MAX_DESCRIBED_PEER_SECTIONS = 2 * MAX_PEER_SECTIONS;
/**
 * Upper bound on sections of the peer's on which its track has ended. Those idle for longest are rejected, so that the peer gives their places to
 * its next tracks: a client that carries each share on a new section would otherwise offer 5 kB more for each share before.
 */
const MAX_IDLE_SECTIONS = 4;
/** Upper bound on tracks of each kind that one peer sends at once. What one peer sends goes to everybody. */
const MAX_RECEIVED_TRACKS = 8;

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
  /** As in our last offer, if the peer made its own without having it. It may get ours late, so the next one has to go with it. */
  #withdrawn: readonly Section[] = [];
  /** The peer's BUNDLE group, from its last description. */
  #bundle: readonly string[] | undefined;
  #sectionsOpened = 0;
  #idleSections = 0;
  /** True if the peer takes a codec (by `codecKey`) that it was offered. */
  readonly #decodable = new Map<string, boolean>();

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

  /** Upper bound on sections of the peer's next description. It may have an offer of ours that its own replaced. */
  get maxRemoteSections(): number {
    const ours = Math.max(...[this.all, this.#withdrawn].map(countOurs));
    return Math.min(MAX_SECTIONS, ours + MAX_DESCRIBED_PEER_SECTIONS);
  }

  /** Reports whether a peer's offer shows that it took our pending one: it has what that added. */
  isTakenBy({ sections: remotes }: RemoteDescription): boolean {
    const isNew = (section: Section, index: number) => section !== this.#agreed[index] || isClosing(section);
    // Another section in the place of one that the peer had shows that it took our rejection. One that it may never have had shows nothing.
    const isRecycled = (section: Section, index: number) =>
      isGone(section) &&
      section === this.#agreed[index] &&
      index < remotes.length &&
      !isNamed(remotes[index]!, section.mid);
    return (
      this.all.some(isNew) &&
      this.all.every((section, index) => isTaken(section, remotes[index]) || isRecycled(section, index))
    );
  }

  /**
   * Returns whether an answer may be one to our pending offer: it has the same sections, rejects those that we rejected, and receives only where
   * we would send (RFC 3264 section 6.1).
   */
  isAnswer(answer: RemoteDescription): boolean {
    return (
      this.hasSections(answer) &&
      this.all.every((section, index) => {
        const remote = answer.sections[index]!;
        return isTaken(section, remote) && (section.sending !== undefined || !takesMedia(section, remote));
      })
    );
  }

  /** Reports whether an answer has the sections of our pending offer, regardless of those that we rejected. */
  hasSections({ sections: remotes }: RemoteDescription): boolean {
    return remotes.length === this.all.length && this.all.every(({ mid }, index) => isNamed(remotes[index]!, mid));
  }

  /** Reports whether an answer only repeats what is agreed. */
  agreesWith(answer: RemoteDescription): boolean {
    if (!this.isAnswer(answer)) return false;
    return this.#agreed.every((section, index) => {
      const remote = answer.sections[index]!;
      const isSameTrack = receivedTrack(section, remote)?.ssrcs[0] === section.receiving?.ssrcs[0];
      return section.kind === 'application' || (isSameTrack && section.peerReceives === takesMedia(section, remote));
    });
  }

  /** Takes over a peer's offer, or nothing of it. Our own pending one is forgotten, unless the peer has taken it. */
  applyOffer(offer: RemoteDescription): void {
    const isTaken = this.isTakenBy(offer);
    const known = isTaken ? this.all : this.#agreed;
    if (!known.slice(offer.sections.length).every(isRevocable)) {
      throw mismatch('fewer media sections than before');
    }
    const sections = offer.sections.map((remote, index) => {
      const section = known[index];
      return section && !isReplaced(section, remote) ? section : newSection(remote.mid, remote.kind, 'peer');
    });
    checkOrder(sections, offer);
    const openCount = sections.filter(({ createdBy, rejected }) => createdBy === 'peer' && !rejected).length;
    const added = sections.filter((section, index) => section !== known[index]);
    const surplus = Math.max(openCount - MAX_PEER_SECTIONS, 0);
    for (const section of added.reverse().slice(0, surplus)) section.rejected = true;
    this.#rejectIdle(sections, offer);
    if (isTaken) this.#withdrawn = [];
    else if (this.#offered) this.#withdrawn = this.#offered;
    for (const [index, section] of sections.entries()) {
      section.closing = false;
      section.confirmed = section === known[index];
    }
    this.#agree(sections, offer);
  }

  #rejectIdle(sections: readonly Section[], { sections: remotes, bundle }: RemoteDescription): void {
    const idle: Section[] = [];
    for (const [index, section] of sections.entries()) {
      const isIdle = section.mid !== bundle?.[0] && isAbandoned(section, remotes[index]!);
      section.idleSince = isIdle ? (section.idleSince ?? ++this.#idleSections) : undefined;
      if (isIdle) idle.push(section);
    }
    idle.sort((a, b) => a.idleSince! - b.idleSince!);
    for (const section of idle.slice(0, -MAX_IDLE_SECTIONS)) section.rejected = true;
  }

  /** Takes over a peer's answer to our offer. */
  applyAnswer(answer: RemoteDescription): void {
    const sections = this.all;
    if (answer.sections.length !== sections.length) throw mismatch('number of media sections differs from the offer');
    checkOrder(sections, answer);
    const offered = sections.map(({ codecs }) => codecs);
    for (const section of sections) section.confirmed = true;
    this.#withdrawn = [];
    this.#agree(sections, answer);
    for (const [index, { kind, codecs, peerReceives }] of sections.entries()) {
      if (kind !== 'video' || !peerReceives || codecs.length === 0) continue;
      for (const codec of offered[index]!) {
        const isTaken = codecs.some((it) => isSameCodec(it, codec));
        this.#decodable.set(codecKey(codec), isTaken);
      }
    }
  }

  /** Returns false for a track whose codec the peer left out of an answer. */
  canDecode(track: PublishedTrack): boolean {
    return this.#decodable.get(codecKey(track)) !== false;
  }

  /** Reports whether something that we send is not taken. */
  get hasRefused(): boolean {
    return this.#agreed.some(({ sending, peerReceives }) => sending !== undefined && !peerReceives);
  }

  /** Reports whether our pending offer closes sections. */
  get isClosing(): boolean {
    return this.all.some(isClosing);
  }

  /** Reports whether a section has to be closed. */
  get hasDisused(): boolean {
    return this.all.some((section) => isDisused(section) && !isClosing(section));
  }

  /** Reports whether the section that carries the bundle is a media section and not the only one. */
  get isCarriedByMedia(): boolean {
    const [tagged, ...others] = this.#bundle ?? [];
    return others.length > 0 && this.#agreed.find(({ mid }) => mid === tagged)?.kind !== 'application';
  }

  /** Reports whether `plan` would change anything apart from closing sections. */
  differsFrom(tracks: readonly PublishedTrack[]): boolean {
    const added = new Set(tracks);
    for (const section of this.all) {
      if (section.sending && (isOutgrown(section) || !added.delete(section.sending.track))) return true;
    }
    return [...added].some(({ kind }) => this.#findPlace(this.all, kind) !== undefined);
  }

  /**
   * Plans to send these tracks and no others: each new one on a section of its own, and the sections of those that ended are rejected, if `mayClose`.
   * More than there is room for stay away.
   */
  plan(tracks: readonly PublishedTrack[], mayClose: boolean): void {
    const added = new Set(tracks);
    const sections = this.#offered ? [...this.#offered] : this.#restored();
    const mids = new Set(sections.map(({ mid }) => mid));
    for (const section of sections) {
      if (section.sending && (isOutgrown(section) || !added.delete(section.sending.track))) section.sending = undefined;
      section.closing ||= mayClose && isDisused(section);
    }
    for (const track of added) {
      const place = this.#findPlace(sections, track.kind);
      if (place !== undefined) sections[place] = this.#open(track, mids);
    }
    this.#offered = sections;
  }

  /**
   * Sections of our next description. An answer takes up no more than was offered. An offer always would receive: the peer may have just added
   * a track to a section of ours, and is not informed of a refusal. It would consider such a track sent.
   */
  describe(type: 'offer' | 'answer'): Pick<LocalDescription, 'bundle' | 'sections'> {
    const sections = this.#describeSections(type);
    return { sections, bundle: this.#bundle && bundleOf(sections, this.#bundle) };
  }

  #describeSections(type: 'offer' | 'answer'): LocalSection[] {
    return this.all.map((section) => {
      const { mid, kind, codecs, extensions, allowsMixedExtensions, rids, sctp } = section;
      const rejected = isGone(section);
      return {
        mid,
        kind,
        rejected,
        codecs,
        extensions,
        allowsMixedExtensions,
        rids: rejected ? [] : rids,
        direction: rejected ? 'inactive' : localDirection(section, type),
        ...(!rejected && sendingTrack(section)),
        ...(sctp && { sctp: { port: DEFAULT_SCTP_PORT, maxMessageSize: this.#maxMessageSizeBytes } }),
      };
    });
  }

  /** Sections that both sides have, with what a withdrawn offer of ours added where that still has its place. */
  #restored(): Section[] {
    const sections = [...this.#agreed];
    for (const [index, section] of this.#withdrawn.entries()) {
      const current = sections[index];
      const isFree = current ? isRecyclable(current) : index === sections.length;
      if (!section.confirmed && section.createdBy === 'sfu' && isFree) sections[index] = section;
    }
    return sections;
  }

  /**
   * The only place where it is decided where a new track goes: in the place of a section that was rejected, or behind all others. A peer
   * that does not bundle would need another transport for it.
   */
  #findPlace(sections: readonly Section[], kind: MediaKind): number | undefined {
    if (!this.#bundle) return undefined;
    // In front of the section that carries the bundle, Chromium refuses a new one.
    const tagged = sections.findIndex(({ mid }) => mid === this.#bundle?.[0]);
    const free = sections.findIndex((section, at) => at > tagged && section.kind === kind && isRecyclable(section));
    if (free >= 0) return free;
    return sections.length < MAX_SECTIONS ? sections.length : undefined;
  }

  /** Mids of ours are never used twice, and never those of peers, which all count from 0: no side confuses sections, however late a description is. */
  #open(track: PublishedTrack, taken: ReadonlySet<string>): Section {
    do this.#sectionsOpened += 1;
    while (taken.has(midOf(this.#sectionsOpened)));
    const section = newSection(midOf(this.#sectionsOpened), track.kind, 'sfu');
    section.codecs = this.#payloads.offerCodecs(track.kind, track);
    section.extensions = this.#payloads.offerExtensions(track.kind);
    section.sending = {
      track,
      ssrc: this.#randomSsrc(),
      ...(track.kind === 'video' && { rtxSsrc: this.#randomSsrc() }),
    };
    section.ownStreamId = track.senderID;
    return section;
  }

  #agree(sections: readonly Section[], { bundle, sections: remotes }: RemoteDescription): void {
    // A number means one thing for all sections (RFC 9143 section 9.1).
    const lists = new Set(remotes.map(({ codecs }) => codecs));
    const formats = new Map([...lists].flatMap((codecs) => codecs.map((codec) => [codec.payloadType, codec])));
    for (const [index, section] of sections.entries()) {
      const remote = remotes[index]!;
      this.#mergeSection(section, remote);
      section.sentCodecs = sentCodecs(section, formats);
      section.receiving = receivedTrack(section, remote);
    }
    // The last ones are the newest: a browser that moves its microphone leaves open sections behind.
    for (const kind of ['audio', 'video']) {
      const receiving = sections.filter((section) => section.kind === kind && section.receiving);
      for (const section of receiving.slice(0, -MAX_RECEIVED_TRACKS)) section.receiving = undefined;
    }
    this.#agreed = sections;
    this.#offered = undefined;
    this.#bundle = bundle;
  }

  #mergeSection(section: Section, remote: RemoteSection): void {
    // Most sections are as they were, and this leaves them so.
    if (section.remote === remote && !isGone(section)) return;
    section.remote = remote;
    // An offered rejection is final (RFC 3264 section 6), regardless of the answer.
    section.rejected ||= section.closing || remote.rejected || !remote.bundled;
    if (section.kind === 'application') {
      section.rejected ||= remote.sctp === undefined;
      section.sctp = remote.sctp;
      return;
    }
    section.codecs = this.#payloads.acceptCodecs(section.kind, remote.codecs, section.codecs.some(isRedundant));
    section.allowsMixedExtensions = remote.allowsMixedExtensions;
    section.rids = remote.rids;
    section.extensions = this.#payloads.acceptExtensions(section.kind, remote.extensions, remote.allowsMixedExtensions);
    section.rejected ||= section.codecs.length === 0;
    section.peerReceives = takesMedia(section, remote);
    section.peerPublishes = isPublished(section, remote);
    section.hasPublished ||= section.peerPublishes;
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

function sendingTrack(section: Section): { readonly sending?: SendingTrack } {
  const { sending } = section;
  if (!sending) return {};
  const { track, ssrc, rtxSsrc } = sending;
  const hasRtx = rtxSsrc !== undefined && sentCodec(section)?.rtxPayloadType !== undefined;
  return { sending: { streamId: track.senderID, trackId: track.id, ssrc, ...(hasRtx && { rtxSsrc }) } };
}

const takesMedia = ({ rejected, kind }: Section, remote: RemoteSection): boolean =>
  kind !== 'application' && !rejected && !remote.rejected && receives(remote.direction);

const countOurs = (sections: readonly Section[]): number =>
  sections.filter(({ createdBy }) => createdBy === 'sfu').length;

const isRedundant = ({ red }: Codec): boolean => red !== undefined;

const midOf = (number: number): string => `s${number}`;

function checkOrder(sections: readonly Section[], { sections: remotes }: RemoteDescription): void {
  for (const [index, section] of sections.entries()) {
    const remote = remotes[index]!;
    if (!isNamed(remote, section.mid) || (remote.kind !== section.kind && !remote.rejected)) {
      throw mismatch(`section ${index} is no longer ${section.kind} ${section.mid}`);
    }
  }
}

const mismatch = (what: string) => new RtcError('invalid_sdp', `invalid SDP: ${what}`);
