import type { EngineCommand } from '../sfu/messages.ts';
import type { GroupCommand } from './protocol.ts';

/** Commands that wait, in order within a group, and one group after the other: one that asks for much waits for itself. */
export class CommandQueue {
  /** By group, the next one first. */
  readonly #groups = new Map<string, EngineCommand[]>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  push({ groupID, command }: GroupCommand): void {
    const commands = this.#groups.get(groupID);
    if (commands) commands.push(command);
    else this.#groups.set(groupID, [command]);
  }

  /** Takes the next command, or returns undefined. */
  shift(): GroupCommand | undefined {
    const [next] = this.#groups;
    if (next === undefined) return undefined;
    const [groupID, commands] = next;
    const command = commands.shift()!;
    this.#groups.delete(groupID);
    if (commands.length > 0) this.#groups.set(groupID, commands);
    return { groupID, command };
  }
}
