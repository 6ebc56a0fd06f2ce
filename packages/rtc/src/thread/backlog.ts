import { RtcError } from '../errors.ts';
import type { EngineCommand } from '../sfu/messages.ts';

/** Commands of one group that may wait: a herd of sessions that join again, each with its first messages. */
const MAX_COMMANDS = 20_000;

/** Counts the commands that the engine has not done yet, by group, so that they cannot fill the memory. */
export class Backlog {
  readonly #counts = new Map<string, number>();

  /** Takes note of a command. Throws `RtcError` `too_many_messages` if too many wait; the end of a session always passes. */
  add({ type }: EngineCommand, groupID: string): void {
    const count = this.#counts.get(groupID) ?? 0;
    if (count >= MAX_COMMANDS && type !== 'close_session') {
      throw new RtcError('too_many_messages', `more than ${MAX_COMMANDS} messages of the group wait for the engine`);
    }
    this.#counts.set(groupID, count + 1);
  }

  /** Takes note of commands that were done, by group. */
  done(counts: ReadonlyMap<string, number>): void {
    for (const [groupID, done] of counts) {
      const left = (this.#counts.get(groupID) ?? 0) - done;
      if (left > 0) this.#counts.set(groupID, left);
      else this.#counts.delete(groupID);
    }
  }

  /** The engine has ended, and with it all that waited. */
  clear(): void {
    this.#counts.clear();
  }
}
