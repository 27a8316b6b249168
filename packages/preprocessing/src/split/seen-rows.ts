/**
 * Remembers for each distinct row which split it is in: an open-addressing table of 64-bit hashes, 9 bytes a place,
 * allocated once for the rows that there are.
 */
export class SeenRows {
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** Split plus one; 0 is a free place. */
  readonly #split: Uint8Array;
  readonly #mask: number;
  #free: number;

  /** @param rows distinct rows that it can take at most */
  constructor(rows: number) {
    // At most two thirds full, so that chains of taken places stay short.
    const places = 2 ** Math.ceil(Math.log2(Math.max(16, rows * 1.5)));
    this.#high = new Uint32Array(places);
    this.#low = new Uint32Array(places);
    this.#split = new Uint8Array(places);
    this.#mask = places - 1;
    this.#free = Math.max(rows, 10);
  }

  /** The split that the row is in: the one it was first added to. */
  add(high: number, low: number, split: number): number {
    for (let place = low & this.#mask; ; place = (place + 1) & this.#mask) {
      const taken = this.#split[place]!;
      if (taken === 0) {
        if (this.#free-- === 0) throw new RangeError('more rows than were announced');
        this.#high[place] = high;
        this.#low[place] = low;
        this.#split[place] = split + 1;
        return split;
      }
      if (this.#high[place] === high && this.#low[place] === low) return taken - 1;
    }
  }
}
