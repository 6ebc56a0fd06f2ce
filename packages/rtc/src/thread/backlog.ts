import { RtcError } from '../errors.ts';
import type { EngineCommand } from '../sfu/messages.ts';

/** Commands, and the bytes of the messages among them. */
export interface Load {
  readonly commands: number;
  readonly bytes: number;
}

/** Commands of one group that may wait: a herd of sessions that join again, each with its first messages. */
const MAX_COMMANDS = 20_000;
/** Bytes of one group that may wait: such a herd has a few kilobytes each. */
const MAX_BYTES = 64 << 20;

/** Adds a command to the load of its group. */
export function addCommand(loads: Map<string, Load>, groupID: string, command: EngineCommand): void {
  const { commands, bytes } = loads.get(groupID) ?? { commands: 0, bytes: 0 };
  const size = command.type === 'message' ? command.message.data.length : 0;
  loads.set(groupID, { commands: commands + 1, bytes: bytes + size });
}

/** Counts the commands that the engine has not done yet, by group, so that they cannot fill the memory. */
export class Backlog {
  readonly #loads = new Map<string, Load>();

  /** Takes note of a command. Throws `RtcError` `too_many_messages` if too much waits; the end of a session always passes. */
  add(command: EngineCommand, groupID: string): void {
    const { commands, bytes } = this.#loads.get(groupID) ?? { commands: 0, bytes: 0 };
    if ((commands >= MAX_COMMANDS || bytes >= MAX_BYTES) && command.type !== 'close_session') {
      throw new RtcError(
        'too_many_messages',
        `too many messages of the group wait for the engine: ${commands}, with ${bytes} bytes`,
      );
    }
    addCommand(this.#loads, groupID, command);
  }

  /** Takes note of commands that were done, by group. */
  done(loads: ReadonlyMap<string, Load>): void {
    for (const [groupID, done] of loads) {
      const { commands, bytes } = this.#loads.get(groupID) ?? done;
      if (commands > done.commands) {
        this.#loads.set(groupID, { commands: commands - done.commands, bytes: bytes - done.bytes });
      } else {
        this.#loads.delete(groupID);
      }
    }
  }

  /** The engine has ended, and with it all that waited. */
  clear(): void {
    this.#loads.clear();
  }
}
