import {
  type Direction,
  directionOf,
  type RemoteDescription,
  type RemoteSection,
  receives,
  sends,
} from '../../sdp/description.ts';
import type { ParticipantSection, PublishedVoice } from './participant-sdp.ts';

/** A description that a browser would not take in the state that it is in. Nothing has changed, but for the rollback of an own offer. */
export class DescriptionError extends Error {}

/** What both sides last said about a section. */
export interface SectionState {
  readonly mid: string;
  readonly rejected: boolean;
  /** The transceiver's `currentDirection`. */
  readonly current: Direction;
}

interface Agreement {
  /** By us, in an offer or an answer. */
  readonly said: Direction;
  /** How much the SFU's offer allowed, where ours was the answer. */
  readonly limit: Direction;
  readonly current: Direction;
}

const DATA: ParticipantSection = { mid: '0', kind: 'application', direction: 'sendrecv', rejected: false };

/**
 * The m-sections of a participant, which behave as a browser's transceivers do (RFC 9429 sections 5.2 to 5.10): a track goes on the first
 * section that never sent, a section of the SFU's offer takes a track that has none yet, and an answer agrees to no more than was offered.
 */
export class ParticipantSections {
  /** As in the last exchange that was completed. */
  #stable: readonly ParticipantSection[] = [];
  /** With what our own pending offer adds, and what the next one is to say. */
  #sections: readonly ParticipantSection[] = [DATA];
  /** As in our own offer that is not answered yet. */
  #offered: readonly ParticipantSection[] | undefined;
  #agreements: ReadonlyMap<string, Agreement> = new Map();
  /** Tracks without a section. */
  #unplaced: readonly PublishedVoice[] = [];
  #highestMid = 0;
  readonly #placesAgain: boolean;
  /** Whose track the SFU sends on a mid, by its stream id. A browser's application never learns of another one. */
  readonly #senders = new Map<string, string>();

  constructor(placesAgain: boolean) {
    this.#placesAgain = placesAgain;
  }

  /** The `signalingState`: false while our own offer waits for its answer. */
  get isStable(): boolean {
    return this.#offered === undefined;
  }

  /** Whether an offer would say something new. */
  get needsNegotiation(): boolean {
    return this.#unplaced.length > 0 || this.#sections.some((section) => this.#hasChanged(section));
  }

  /** What was last agreed, in order. */
  get agreed(): readonly SectionState[] {
    return this.#stable.map(({ mid, rejected }) => ({ mid, rejected, current: this.#currentOf(mid) }));
  }

  /** Whether a voice may flow: its section is agreed upon. */
  isSending(voice: PublishedVoice): boolean {
    const section = this.#stable.find((known) => known.voice?.ssrc === voice.ssrc && !known.rejected);
    return section !== undefined && sends(this.#currentOf(section.mid));
  }

  addVoice(voice: PublishedVoice): void {
    const free = this.#sections.find(
      (section) => section.kind === 'audio' && !section.rejected && section.voice === undefined,
    );
    if (free) this.#replace(free, { ...free, direction: 'sendrecv', voice });
    else this.#unplaced = [...this.#unplaced, voice];
  }

  /** Takes a voice away, as `removeTrack` does: its section stays, and takes no other one. */
  removeVoice({ ssrc }: PublishedVoice): void {
    this.#unplaced = this.#unplaced.filter((voice) => voice.ssrc !== ssrc);
    const section = this.#sections.find(({ voice, rejected }) => voice?.ssrc === ssrc && !rejected);
    if (section) this.#replace(section, { ...section, direction: directionOf(false, receives(section.direction)) });
  }

  /** Takes, or no longer takes, what arrives on these sections, from the next description on. */
  setReceiving(mids: readonly string[], receives: boolean): void {
    this.#sections = this.#sections.map((section) =>
      mids.includes(section.mid)
        ? { ...section, direction: directionOf(sends(section.direction) && section.voice !== undefined, receives) }
        : section,
    );
  }

  /** The sections of our next offer, which is pending from now on. */
  offer(): readonly ParticipantSection[] {
    for (const voice of this.#unplaced) {
      this.#place({ mid: String(++this.#highestMid), kind: 'audio', direction: 'sendrecv', rejected: false, voice });
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
    this.#sections = this.#sections.map((section, index) => ({
      ...section,
      rejected: section.rejected || answer.sections[index]?.rejected === true,
    }));
    this.#stable = this.#sections;
    this.#offered = undefined;
  }

  /** Takes an offer, in place of one of our own that is pending, and returns the sections of the answer. Throws `DescriptionError`. */
  answer(offer: RemoteDescription): readonly ParticipantSection[] {
    this.#rollBack();
    this.#checkLayout(offer);
    for (const remote of offer.sections) this.#checkSender(remote);
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
      ...added.flatMap(({ voice, direction }) => (voice && sends(direction) ? [voice] : [])),
      ...this.#unplaced,
    ];
    const now = new Map(this.#sections.map((section) => [section.mid, section]));
    this.#sections = this.#stable.map((section) => now.get(section.mid) ?? section);
    this.#offered = undefined;
  }

  #match(remote: RemoteSection, known: ParticipantSection | undefined): ParticipantSection {
    const { mid, kind, rejected } = remote;
    if (known?.mid === mid) {
      const { voice, direction } = known;
      if (rejected && !known.rejected && voice && sends(direction) && this.#placesAgain)
        this.#unplaced = [...this.#unplaced, voice];
      return { ...known, rejected: known.rejected || rejected };
    }
    const [voice, ...others] = kind === 'audio' && !rejected && receives(remote.direction) ? this.#unplaced : [];
    if (voice) this.#unplaced = others;
    return { mid, kind, rejected, direction: voice ? 'sendrecv' : 'recvonly', voice };
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

  #checkSender({ mid, streamId, rejected }: RemoteSection): void {
    if (rejected || streamId === '') return;
    const known = this.#senders.get(mid);
    if (known !== undefined && known !== streamId)
      throw new Error(`section ${mid} goes on with ${streamId} for ${known}`);
    this.#senders.set(mid, streamId);
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
