/** Items that wait, in order within a group, and one group after the other: one that asks for much waits for itself. */
export class FairQueue<Item> {
  /** By group, the next one first. */
  readonly #groups = new Map<string, Item[]>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  push(groupID: string, item: Item): void {
    const items = this.#groups.get(groupID);
    if (items) items.push(item);
    else this.#groups.set(groupID, [item]);
  }

  /** Takes the next item, or returns undefined. */
  shift(): Item | undefined {
    const [next] = this.#groups;
    if (next === undefined) return undefined;
    const [groupID, items] = next;
    const item = items.shift();
    this.#groups.delete(groupID);
    if (items.length > 0) this.#groups.set(groupID, items);
    return item;
  }
}
