/**
 * A doubly linked list of the slots of a table. All operations take constant time. A slot is in the list at most once.
 * The links lie apart from the records: moving a slot touches its neighbours' links, and those share cache lines.
 */
export class LinkedList {
  /** First slot, -1 when empty. */
  oldest = -1;
  /** Last slot, -1 when empty. */
  newest = -1;
  /** Per slot: the slot before it, the slot behind it. */
  readonly #links: Int32Array;

  /** @param links two words per slot; lists that never hold the same slot may share them */
  constructor(links: Int32Array) {
    this.#links = links;
  }

  /** The slot behind `slot`, -1 at the end. */
  newerThan(slot: number): number {
    return this.#links[slot * 2 + 1];
  }

  append(slot: number): void {
    const links = this.#links;
    const last = this.newest;
    links[slot * 2] = last;
    links[slot * 2 + 1] = -1;
    if (last >= 0) links[last * 2 + 1] = slot;
    else this.oldest = slot;
    this.newest = slot;
  }

  remove(slot: number): void {
    const links = this.#links;
    const older = links[slot * 2];
    const newer = links[slot * 2 + 1];
    if (older >= 0) links[older * 2 + 1] = newer;
    else this.oldest = newer;
    if (newer >= 0) links[newer * 2] = older;
    else this.newest = older;
  }

  /** Moves a slot of the list to its end. */
  renew(slot: number): void {
    if (this.newest === slot) return;
    this.remove(slot);
    this.append(slot);
  }
}
