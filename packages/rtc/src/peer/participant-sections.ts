import {
  type Codec,
  type Direction,
  directionOf,
  type HeaderExtension,
  type RemoteDescription,
  type RemoteSection,
  receives,
  sends,
} from '../sdp/description.ts';
import {
  type LocalTrack,
  type ParticipantSection,
  VIDEO_CODECS,
  VIDEO_EXTENSIONS,
  type VideoCodecName,
} from './participant-sdp.ts';

/** A description that a browser would not take in the state that it is in. Nothing has changed, but for the rollback of an own offer. */
export class DescriptionError extends Error {}

/** Encodings of a video track, as the SFU answered it. */
export interface NegotiatedTrack {
  readonly mid: string;
  /** The first of `codecs`, unless the participant has changed to another one. */
  readonly codec: Codec;
  readonly codecs: readonly Codec[];
  readonly extensions: readonly HeaderExtension[];
  readonly rids: readonly string[];
}

/** Last descriptions of a section from both sides. */
export interface SectionState {
  readonly mid: string;
  readonly rejected: boolean;
  /** The transceiver's `currentDirection`. */
  readonly current: Direction;
}

interface Agreement {
  /** By us, in an offer or an answer. */
  readonly said: Direction;
  /** Direction that the SFU's offer allowed, where ours was the answer. */
  readonly limit: Direction;
  readonly current: Direction;
}

const DATA: ParticipantSection = { mid: '0', kind: 'application', direction: 'sendrecv', rejected: false };

/**
 * The m-sections of a participant, which behave as a browser's transceivers do (RFC 9429 sections 5.2 to 5.10): a track uses the first
 * section that never sent, a section of the SFU's offer takes a track that has none yet, and an answer agrees to no more than was offered.
 */
export class ParticipantSections {
  /** As in the last exchange that was completed. */
  #stable: readonly ParticipantSection[] = [];
  /** With what our own pending offer adds, and what the next one will contain. */
  #sections: readonly ParticipantSection[] = [DATA];
  /** As in our own offer that is not answered yet. */
  #offered: readonly ParticipantSection[] | undefined;
  #agreements: ReadonlyMap<string, Agreement> = new Map();
  /** Tracks without a section. */
  #unplaced: readonly LocalTrack[] = [];
  #highestMid = 0;
  readonly #placesAgain: boolean;
  readonly #receivedCodecs: ReadonlySet<string>;
  readonly #usesRtx: boolean;

  constructor(placesAgain: boolean, receivedCodecs: readonly VideoCodecName[], usesRtx: boolean) {
    this.#placesAgain = placesAgain;
    this.#usesRtx = usesRtx;
    this.#receivedCodecs = new Set(receivedCodecs.map((name) => VIDEO_CODECS[name].mimeType));
  }

  /** The `signalingState`: false while our own offer waits for its answer. */
  get isStable(): boolean {
    return this.#offered === undefined;
  }

  /** Reports whether an offer would contain something new. */
  get needsNegotiation(): boolean {
    return this.#unplaced.length > 0 || this.#sections.some((section) => this.#hasChanged(section));
  }

  /** Sections as last agreed, in order. */
  get agreed(): readonly SectionState[] {
    return this.#stable.map(({ mid, rejected }) => ({ mid, rejected, current: this.#currentOf(mid) }));
  }

  /** Reports whether a track may flow: its section is agreed upon. */
  isSending(track: LocalTrack): boolean {
    const section = this.#stable.find((known) => known.track === track && !known.rejected);
    return section !== undefined && sends(this.#currentOf(section.mid));
  }

  /** Encodings with which to send a video track, by the last description of the SFU. Undefined while it is not. */
  negotiated(track: LocalTrack): NegotiatedTrack | undefined {
    const section = this.#stable.find((known) => known.track === track && !known.rejected);
    const codecs = section?.codecs ?? [];
    const [codec] = codecs;
    if (!section || !codec || !this.isSending(track)) return undefined;
    return { mid: section.mid, codec, codecs, extensions: section.extensions ?? [], rids: track.rids };
  }

  /** A voice takes the first section that never sent, as `addTrack` does; a video gets one of its own, as `addTransceiver` does. */
  addTrack(track: LocalTrack): void {
    const free = this.#sections.find(
      ({ kind, rejected, track: sent }) =>
        kind === 'audio' && track.kind === 'audio' && !rejected && sent === undefined,
    );
    if (free) this.#replace(free, { ...free, direction: 'sendrecv', track });
    else this.#unplaced = [...this.#unplaced, track];
  }

  /** Takes a track away, as `removeTrack` does: its section stays, and takes no other one. */
  removeTrack(track: LocalTrack): void {
    this.#unplaced = this.#unplaced.filter((unplaced) => unplaced !== track);
    const section = this.#sections.find((known) => known.track === track && !known.rejected);
    if (section) this.#replace(section, { ...section, direction: directionOf(false, receives(section.direction)) });
  }

  /** Takes, or no longer takes, what arrives on these sections, from the next description on. */
  setReceiving(mids: readonly string[], receives: boolean): void {
    this.#sections = this.#sections.map((section) =>
      mids.includes(section.mid)
        ? { ...section, direction: directionOf(sends(section.direction) && section.track !== undefined, receives) }
        : section,
    );
  }

  /** The sections of our next offer, which is pending from now on. */
  offer(): readonly ParticipantSection[] {
    for (const track of this.#unplaced) {
      const { kind } = track;
      const formats = kind === 'video' && {
        codecs: this.#withoutRtx(track.codecs.map((name) => VIDEO_CODECS[name])),
        extensions: VIDEO_EXTENSIONS,
      };
      this.#place({ mid: String(++this.#highestMid), kind, direction: 'sendrecv', rejected: false, track, ...formats });
    }
    this.#unplaced = [];
    this.#offered = this.#sections;
    return this.#sections;
  }

  /** Throws `DescriptionError`. What was tampered with on its way may have been an offer of more sections. */
  applyAnswer(answer: RemoteDescription, isTampered = false): void {
    const offered = this.#offered;
    if (offered === undefined) throw new DescriptionError('an answer in the stable state');
    const fits = (section: ParticipantSection, remote: RemoteSection | undefined) => remote?.mid === section.mid;
    const hasMore = answer.sections.length > offered.length && !isTampered;
    if (hasMore || !offered.every((it, index) => fits(it, answer.sections[index]))) {
      throw new DescriptionError('an answer with other sections than offered');
    }
    if (offered.some(({ rejected }, index) => rejected && !answer.sections[index]!.rejected)) {
      throw new DescriptionError('an answer that takes what was rejected');
    }
    this.#agree(
      offered.map((section, index) => [
        section.mid,
        agreementOf(section.direction, 'sendrecv', answer.sections[index]!.direction),
      ]),
    );
    this.#sections = this.#sections.map((section, index) => {
      const remote = answer.sections[index];
      const rejected = section.rejected || remote?.rejected === true;
      return { ...section, rejected, ...(remote && !rejected && this.#formatsOf(remote)) };
    });
    this.#stable = this.#sections;
    this.#offered = undefined;
  }

  /** Takes an offer, in place of one of our own that is pending, and returns the sections of the answer. Throws `DescriptionError`. */
  answer(offer: RemoteDescription): readonly ParticipantSection[] {
    this.#rollBack();
    this.#checkLayout(offer);
    this.#sections = offer.sections.map((remote, index) => this.#match(remote, this.#sections[index]));
    this.#stable = this.#sections;
    const mids = offer.sections.map(({ mid }) => Number(mid)).filter(Number.isInteger);
    this.#highestMid = Math.max(this.#highestMid, ...mids);
    const answered = this.#sections.map((section, index) => {
      const { direction } = offer.sections[index]!;
      const sending = sends(section.direction) && receives(direction);
      return { ...section, direction: directionOf(sending, receives(section.direction) && sends(direction)) };
    });
    this.#agree(
      answered.map(({ mid, direction }, index) => [
        mid,
        agreementOf(direction, mirrorOf(offer.sections[index]!.direction), 'sendrecv'),
      ]),
    );
    return answered;
  }

  /** Tracks on sections that were in our offer alone have none again. Those on sections that both sides have stay there. */
  #rollBack(): void {
    const stable = new Set(this.#stable.map(({ mid }) => mid));
    const added = this.#sections.filter(({ mid }) => !stable.has(mid));
    this.#unplaced = [
      ...added.flatMap(({ track, direction }) => (track && sends(direction) ? [track] : [])),
      ...this.#unplaced,
    ];
    const now = new Map(this.#sections.map((section) => [section.mid, section]));
    this.#sections = this.#stable.map((section) => now.get(section.mid) ?? section);
    this.#offered = undefined;
  }

  #match(remote: RemoteSection, known: ParticipantSection | undefined): ParticipantSection {
    const { mid, kind, rejected } = remote;
    const formats = this.#formatsOf(remote);
    if (known?.mid === mid) {
      const { track, direction } = known;
      if (rejected && !known.rejected && track && sends(direction) && this.#placesAgain)
        this.#unplaced = [...this.#unplaced, track];
      return { ...known, rejected: known.rejected || rejected, ...(!rejected && formats) };
    }
    const isAudio = kind === 'audio' && !rejected && receives(remote.direction);
    const track = isAudio ? this.#unplaced.find((unplaced) => unplaced.kind === 'audio') : undefined;
    if (track) this.#unplaced = this.#unplaced.filter((unplaced) => unplaced !== track);
    const isDecodable = kind !== 'video' || formats.codecs.length > 0;
    return {
      mid,
      kind,
      rejected: rejected || !isDecodable,
      direction: track ? 'sendrecv' : 'recvonly',
      track,
      ...formats,
    };
  }

  /** Codecs of a video section that both sides support, in the order of the SFU. */
  #formatsOf({ kind, codecs, extensions }: RemoteSection): {
    codecs: readonly Codec[];
    extensions: readonly HeaderExtension[];
  } {
    if (kind !== 'video') return { codecs: [], extensions: [] };
    const decodable = codecs.filter(({ mimeType }) => this.#receivedCodecs.has(mimeType));
    return { codecs: this.#withoutRtx(decodable), extensions };
  }

  /** Leaves retransmission streams out for a participant that has none. */
  #withoutRtx(codecs: readonly Codec[]): readonly Codec[] {
    return this.#usesRtx ? codecs : codecs.map(({ rtxPayloadType: _, ...codec }) => codec);
  }

  #checkLayout({ sections: remotes }: RemoteDescription): void {
    if (remotes.length < this.#sections.length) throw new DescriptionError('an offer with fewer sections');
    for (const [index, known] of this.#sections.entries()) {
      const { mid, rejected } = remotes[index]!;
      if (known.mid !== mid && !known.rejected) {
        throw new DescriptionError(`an offer with ${mid} in the place of ${known.mid}`);
      }
      if (known.mid === mid && known.rejected && !rejected) {
        throw new DescriptionError(`an offer that takes section ${mid}, which was rejected`);
      }
    }
  }

  #hasChanged({ mid, direction, rejected }: ParticipantSection): boolean {
    if (rejected) return false;
    const agreement = this.#agreements.get(mid);
    if (agreement === undefined) return true;
    const { limit, said } = agreement;
    const next = directionOf(sends(direction) && sends(limit), receives(direction) && receives(limit));
    return next !== said;
  }

  #currentOf(mid: string): Direction {
    return this.#agreements.get(mid)?.current ?? 'inactive';
  }

  #agree(agreements: readonly (readonly [mid: string, agreement: Agreement])[]): void {
    this.#agreements = new Map(agreements);
  }

  /** In the place of a rejected section, or else behind all others. */
  #place(section: ParticipantSection): void {
    const rejected = this.#sections.find((known) => known.rejected && this.#stable.includes(known));
    if (rejected) this.#replace(rejected, section);
    else this.#sections = [...this.#sections, section];
  }

  #replace(old: ParticipantSection, section: ParticipantSection): void {
    this.#sections = this.#sections.map((known) => (known === old ? section : known));
  }
}

const agreementOf = (said: Direction, limit: Direction, remote: Direction): Agreement => ({
  said,
  limit,
  current: directionOf(sends(said) && receives(remote), receives(said) && sends(remote)),
});

/** Seen from the other side. */
const mirrorOf = (direction: Direction): Direction => directionOf(receives(direction), sends(direction));
