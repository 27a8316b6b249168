/**
 * A doubly linked list threaded through the records of a table: each record holds the slots of its neighbours in two of
 * its words. All operations take constant time. A slot is in a list at most once.
 */
export class LinkedList {
  /** First slot, -1 when empty. */
  oldest = -1;
  /** Last slot, -1 when empty. */
  newest = -1;
  readonly #words: Int32Array;
  readonly #stride: number;
  readonly #olderAt: number;
  readonly #newerAt: number;

  /**
   * @param words   the table's words
   * @param stride  words per record
   * @param linkAt  position of the two link words in a record
   */
  constructor(words: Int32Array, stride: number, linkAt: number) {
    this.#words = words;
    this.#stride = stride;
    this.#olderAt = linkAt;
    this.#newerAt = linkAt + 1;
  }

  /** The slot behind `slot`, -1 at the end. */
  newerThan(slot: number): number {
    return this.#words[slot * this.#stride + this.#newerAt];
  }

  append(slot: number): void {
    const words = this.#words;
    const base = slot * this.#stride;
    const last = this.newest;
    words[base + this.#olderAt] = last;
    words[base + this.#newerAt] = -1;
    if (last >= 0) words[last * this.#stride + this.#newerAt] = slot;
    else this.oldest = slot;
    this.newest = slot;
  }

  remove(slot: number): void {
    const words = this.#words;
    const base = slot * this.#stride;
    const older = words[base + this.#olderAt];
    const newer = words[base + this.#newerAt];
    if (older >= 0) words[older * this.#stride + this.#newerAt] = newer;
    else this.oldest = newer;
    if (newer >= 0) words[newer * this.#stride + this.#olderAt] = older;
    else this.newest = older;
  }

  /** Moves a slot of the list to its end. */
  renew(slot: number): void {
    if (this.newest === slot) return;
    this.remove(slot);
    this.append(slot);
  }
}
