/** As many buckets as a table begins to use. */
const FEWEST_BUCKETS = 1024;

/**
 * A bounded hash table of fixed-size records. A record lives in a slot (a small integer) from insertion to removal. Its
 * integers are in `words`, its floating-point numbers in `numbers`, both views of one buffer, so that a record lies in a
 * few neighbouring cache lines.
 *
 * Everything is allocated at construction; the operating system commits memory as it is used first. Buckets use open
 * addressing with linear probing and are closed up on removal, so that no tombstones build up. At least two per
 * record are in use; they grow with the records, so that those of a small network lie close together, in the processor's caches.
 *
 * Layout of a record in words: key, then the caller's words from {@link firstWord} on, then its numbers.
 */
export class RecordTable {
  readonly capacity: number;
  readonly keyWords: number;
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  /** Words per record. */
  readonly wordStride: number;
  /** Numbers per record: half of `wordStride`. */
  readonly numberStride: number;
  /** Position of the caller's first word in a record. */
  readonly firstWord: number;
  /** Position of the caller's first number in a record. */
  readonly firstNumber: number;
  /** Records in the table. */
  size = 0;

  /** Per bucket: hash, slot + 1 (0 is empty). */
  readonly #buckets: Int32Array;
  /** One less than the buckets in use, which are the first ones. */
  #mask: number;
  /** Slots that were used and removed, as a stack. */
  readonly #free: Int32Array;
  #freeCount = 0;
  #used = 0;

  /**
   * @param capacity  most records at a time
   * @param keyWords  words of the key
   * @param words     words of the caller per record
   * @param numbers   numbers of the caller per record
   */
  constructor(capacity: number, keyWords: number, words: number, numbers: number) {
    this.capacity = capacity;
    this.keyWords = keyWords;
    this.firstWord = keyWords + 1;
    this.firstNumber = Math.ceil((this.firstWord + words) / 2);
    this.numberStride = this.firstNumber + numbers;
    this.wordStride = this.numberStride * 2;
    const buffer = new ArrayBuffer(capacity * this.numberStride * Float64Array.BYTES_PER_ELEMENT);
    this.words = new Int32Array(buffer);
    this.numbers = new Float64Array(buffer);
    const buckets = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#buckets = new Int32Array(buckets * 2);
    this.#mask = Math.min(FEWEST_BUCKETS, buckets) - 1;
    this.#free = new Int32Array(capacity);
  }

  get full(): boolean {
    return this.size === this.capacity;
  }

  /**
   * Reads the bucket where a search for this hash will begin, so that the memory of several tables is fetched at a time and not
   * one after the other. The value means nothing; it is to be kept somewhere, or the compiler leaves the read out.
   */
  prefetch(hash: number): number {
    return this.#buckets[(hash & this.#mask) * 2];
  }

  /** The same for the bucket of the record in a slot, which is about to be removed; a slot below 0 is none. */
  prefetchSlot(slot: number): number {
    return slot < 0 ? 0 : this.prefetch(this.words[slot * this.wordStride + this.keyWords]);
  }

  /** The slot of the record with this key, -1 where there is none. */
  find(key: Int32Array, hash: number): number {
    const buckets = this.#buckets;
    const mask = this.#mask;
    const words = this.words;
    const last = this.keyWords - 1;
    for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
      const slot = buckets[bucket * 2 + 1] - 1;
      if (slot < 0) return -1;
      if (buckets[bucket * 2] !== hash) continue;
      const base = slot * this.wordStride;
      let k = last;
      while (k >= 0 && words[base + k] === key[k]) k--;
      if (k < 0) return slot;
    }
  }

  /** Adds a record with all words and numbers zero, in a table that is not full and has no record with this key. */
  insert(key: Int32Array, hash: number): number {
    const slot = this.#freeCount > 0 ? this.#free[--this.#freeCount] : this.#used++;
    const base = slot * this.wordStride;
    const words = this.words;
    for (let k = 0; k < this.keyWords; k++) words[base + k] = key[k];
    words[base + this.keyWords] = hash;
    words.fill(0, base + this.firstWord, base + this.wordStride);
    if (this.size * 2 > this.#mask) this.#grow();
    enter(this.#buckets, this.#mask, hash, slot + 1);
    this.size++;
    return slot;
  }

  /** Removes the record in a slot. */
  remove(slot: number): void {
    const buckets = this.#buckets;
    const mask = this.#mask;
    let hole = this.words[slot * this.wordStride + this.keyWords] & mask;
    while (buckets[hole * 2 + 1] !== slot + 1) hole = (hole + 1) & mask;
    // Close the gap: pull back every later entry of the run that may stand at or before the hole.
    for (let next = (hole + 1) & mask; buckets[next * 2 + 1] !== 0; next = (next + 1) & mask) {
      const home = buckets[next * 2] & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        buckets[hole * 2] = buckets[next * 2];
        buckets[hole * 2 + 1] = buckets[next * 2 + 1];
        hole = next;
      }
    }
    buckets[hole * 2 + 1] = 0;
    this.#free[this.#freeCount++] = slot;
    this.size--;
  }

  /** Doubles the buckets in use. */
  #grow(): void {
    const old = this.#buckets.slice(0, (this.#mask + 1) * 2);
    const mask = this.#mask * 2 + 1;
    this.#buckets.fill(0, 0, old.length);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] !== 0) enter(this.#buckets, mask, old[at], old[at + 1]);
    }
    this.#mask = mask;
  }
}

/** Puts a hash and a slot + 1 into the first free bucket. */
function enter(buckets: Int32Array, mask: number, hash: number, entry: number): void {
  let bucket = hash & mask;
  while (buckets[bucket * 2 + 1] !== 0) bucket = (bucket + 1) & mask;
  buckets[bucket * 2] = hash;
  buckets[bucket * 2 + 1] = entry;
}
