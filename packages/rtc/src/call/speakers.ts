/** Members of a call in the order in which they led the conversation. */
export interface SpeakerOrder {
  /** Returns 0 for the speaker, 1 for the one before, and so on; infinity for a member that has not spoken. */
  rankOf(sessionID: string): number;
}

/**
 * Orders the members by how recently they led the conversation, from their voice activity. A speaker stays until it falls silent: those who interrupt it come
 * next. While no member speaks, the last speaker leads.
 */
export class Speakers implements SpeakerOrder {
  /** The one that leads first. */
  readonly #order: string[] = [];
  readonly #speaking = new Set<string>();

  /** Takes note that a member begins or ends to speak. */
  setSpeaking(sessionID: string, isSpeaking: boolean): void {
    if (isSpeaking) this.#begin(sessionID);
    else this.#end(sessionID);
  }

  /** Forgets a member that leaves. */
  remove(sessionID: string): void {
    this.#end(sessionID);
    this.#place(sessionID, undefined);
  }

  rankOf(sessionID: string): number {
    const index = this.#order.indexOf(sessionID);
    return index < 0 ? Number.POSITIVE_INFINITY : index;
  }

  #begin(sessionID: string): void {
    this.#speaking.add(sessionID);
    const [leader] = this.#order;
    if (leader === sessionID) return;
    this.#place(sessionID, leader !== undefined && this.#speaking.has(leader) ? 1 : 0);
  }

  /** The last one to begin of those who still speak takes over. */
  #end(sessionID: string): void {
    this.#speaking.delete(sessionID);
    const successor = this.#order[0] === sessionID ? this.#order.find((other) => this.#speaking.has(other)) : undefined;
    if (successor !== undefined) this.#place(successor, 0);
  }

  #place(sessionID: string, index: number | undefined): void {
    const before = this.#order.indexOf(sessionID);
    if (before >= 0) this.#order.splice(before, 1);
    if (index !== undefined) this.#order.splice(index, 0, sessionID);
  }
}
