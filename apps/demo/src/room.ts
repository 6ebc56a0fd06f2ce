import { newID } from '@rtcd/protocol';
import type { Participant, ServerMessage } from './messages.ts';

/** Participant of a room, and the connection to its page. */
export interface Member {
  participant: Participant;
  /** Secret of its page. */
  readonly key: string;
  send(message: ServerMessage): void;
}

/** The people of one call. Every change is announced to everyone in it. */
export class Room {
  readonly name: string;
  /** The call's id at rtcd. */
  readonly callID = newID();
  readonly #members = new Map<string, Member>();

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#members.size;
  }

  get participants(): readonly Participant[] {
    return [...this.#members.values()].map((member) => member.participant);
  }

  /** The newcomer gets the whole list, everyone else the newcomer. */
  add(member: Member): void {
    const { key, participant } = member;
    const { sessionID } = participant;
    this.#tell({ type: 'participant', participant });
    this.#members.set(sessionID, member);
    member.send({ type: 'joined', sessionID, key, participants: this.participants });
  }

  /** The participant who shares a screen, if there is one. */
  get presenter(): Participant | undefined {
    return this.participants.find(({ screen }) => screen);
  }

  update(sessionID: string, change: Partial<Omit<Participant, 'sessionID'>>): void {
    const member = this.#members.get(sessionID);
    if (member === undefined) return;
    member.participant = { ...member.participant, ...change };
    this.#tell({ type: 'participant', participant: member.participant });
  }

  remove(sessionID: string): void {
    if (this.#members.delete(sessionID)) this.#tell({ type: 'left', sessionID });
  }

  #tell(message: ServerMessage): void {
    for (const member of this.#members.values()) member.send(message);
  }
}
