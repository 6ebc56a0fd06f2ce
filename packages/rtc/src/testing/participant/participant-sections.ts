import { directionOf, type RemoteDescription, type RemoteSection, receives, sends } from '../../sdp/description.ts';
import type { ParticipantSection, PublishedVoice } from './participant-sdp.ts';

const DATA: ParticipantSection = { mid: '0', kind: 'application', direction: 'sendrecv', rejected: false };

/**
 * The m-sections of a participant, which behave as a browser's transceivers do (RFC 9429 sections 5.2 to 5.10): a track goes on the first
 * section that never sent, a section of the SFU's offer takes a track that has none yet, and an answer agrees to no more than was offered.
 */
export class ParticipantSections {
  /** As in the last exchange that was completed. */
  #stable: readonly ParticipantSection[] = [];
  /** With what our own pending offer adds. */
  #sections: readonly ParticipantSection[] = [DATA];
  /** Tracks without a section. */
  #unplaced: readonly PublishedVoice[] = [];
  #highestMid = 0;
  /** Whose track the SFU sends on a mid, by its stream id. A browser's application never learns of another one. */
  readonly #senders = new Map<string, string>();

  /** A track was added that no offer had a place for yet. */
  get hasUnplaced(): boolean {
    return this.#unplaced.length > 0;
  }

  addVoice(voice: PublishedVoice): void {
    const free = this.#sections.find(
      (section) => section.kind === 'audio' && !section.rejected && section.voice === undefined,
    );
    if (free) this.#replace(free, { ...free, direction: 'sendrecv', voice });
    else this.#unplaced = [...this.#unplaced, voice];
  }

  /** Takes, or no longer takes, what arrives on these sections, from the next description on. */
  setReceiving(mids: readonly string[], receives: boolean): void {
    this.#sections = this.#sections.map((section) =>
      mids.includes(section.mid)
        ? { ...section, direction: directionOf(section.voice !== undefined, receives) }
        : section,
    );
  }

  /** The sections of our next offer. */
  offer(): readonly ParticipantSection[] {
    for (const voice of this.#unplaced) {
      this.#place({ mid: String(++this.#highestMid), kind: 'audio', direction: 'sendrecv', rejected: false, voice });
    }
    this.#unplaced = [];
    return this.#sections;
  }

  applyAnswer(answer: RemoteDescription): void {
    this.#sections = this.#sections.map((section, index) => ({
      ...section,
      rejected: section.rejected || answer.sections[index]?.rejected === true,
    }));
    this.#stable = this.#sections;
  }

  /** Takes an offer, in place of one of our own that is pending, and returns the sections of the answer. */
  answer(offer: RemoteDescription): readonly ParticipantSection[] {
    this.#rollBack();
    for (const remote of offer.sections) this.#checkSender(remote);
    this.#sections = offer.sections.map((remote, index) => this.#match(remote, this.#sections[index]));
    this.#stable = this.#sections;
    this.#highestMid = Math.max(this.#highestMid, ...offer.sections.map(({ mid }) => Number(mid)));
    return this.#sections.map((section, index) => {
      const { direction } = offer.sections[index]!;
      const sending = sends(section.direction) && receives(direction);
      return { ...section, direction: directionOf(sending, receives(section.direction) && sends(direction)) };
    });
  }

  /** Tracks on sections that were in our offer alone have none again. Those on sections that both sides have stay there. */
  #rollBack(): void {
    const stable = new Set(this.#stable.map(({ mid }) => mid));
    const added = this.#sections.filter(({ mid }) => !stable.has(mid));
    this.#unplaced = [...added.flatMap(({ voice }) => (voice ? [voice] : [])), ...this.#unplaced];
    const now = new Map(this.#sections.map((section) => [section.mid, section]));
    this.#sections = this.#stable.map((section) => now.get(section.mid) ?? section);
  }

  #match(remote: RemoteSection, known: ParticipantSection | undefined): ParticipantSection {
    const { mid, kind, rejected } = remote;
    if (known?.mid === mid) return { ...known, rejected: known.rejected || rejected };
    if (known && !known.rejected) throw new Error(`the SFU's offer has ${mid} in the place of ${known.mid}`);
    const [voice, ...others] = kind === 'audio' && !rejected && receives(remote.direction) ? this.#unplaced : [];
    if (voice) this.#unplaced = others;
    return { mid, kind, rejected, direction: voice ? 'sendrecv' : 'recvonly', voice };
  }

  #checkSender({ mid, streamId, rejected }: RemoteSection): void {
    if (rejected || streamId === '') return;
    const known = this.#senders.get(mid);
    if (known !== undefined && known !== streamId)
      throw new Error(`section ${mid} goes on with ${streamId} for ${known}`);
    this.#senders.set(mid, streamId);
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
