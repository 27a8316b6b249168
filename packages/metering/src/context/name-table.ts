import { hashWords } from '../flow-table/hash.ts';
import { LinkedList } from '../flow-table/linked-list.ts';
import { RecordTable } from '../flow-table/record-table.ts';

/** Names by a key of addresses, for a limited time. Bounded: the one that was set the longest ago makes room. */
export class NameTable {
  /** Names that made room before their time. */
  evicted = 0;
  readonly #table: RecordTable;
  readonly #list: LinkedList;
  readonly #names: string[];
  readonly #keyWords: number;
  readonly #until: number;
  readonly #seed: number;

  constructor(capacity: number, keyWords: number, seed: number) {
    this.#table = new RecordTable(capacity, keyWords, 0, 1);
    this.#list = new LinkedList(new Int32Array(capacity * 2));
    this.#names = Array.from<string>({ length: capacity }).fill('');
    this.#keyWords = keyWords;
    this.#until = this.#table.firstNumber;
    this.#seed = seed;
  }

  get isEmpty(): boolean {
    return this.#table.size === 0;
  }

  /** Sets the name of a key; the latest wins. Times are relative nanoseconds of the meter's clock. */
  set(key: Int32Array, name: string, now: number, until: number): void {
    const hash = hashWords(key, this.#keyWords, this.#seed);
    let slot = this.#table.find(key, hash);
    if (slot >= 0) {
      this.#list.renew(slot);
    } else {
      if (this.#table.full) this.#makeRoom(now);
      slot = this.#table.insert(key, hash);
      this.#list.append(slot);
    }
    this.#names[slot] = name;
    this.#table.numbers[slot * this.#table.numberStride + this.#until] = until;
  }

  /** The name of a key, empty where there is none or its time is over. */
  get(key: Int32Array, now: number): string {
    if (this.isEmpty) return '';
    const slot = this.#table.find(key, hashWords(key, this.#keyWords, this.#seed));
    return slot >= 0 && now <= this.#untilOf(slot) ? this.#names[slot] : '';
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    for (let slot = this.#list.oldest; slot >= 0; slot = this.#list.newerThan(slot)) {
      this.#table.numbers[slot * this.#table.numberStride + this.#until] -= shift;
    }
  }

  #makeRoom(now: number): void {
    const oldest = this.#list.oldest;
    if (now <= this.#untilOf(oldest)) this.evicted++;
    this.#list.remove(oldest);
    this.#table.remove(oldest);
    this.#names[oldest] = '';
  }

  #untilOf(slot: number): number {
    return this.#table.numbers[slot * this.#table.numberStride + this.#until];
  }
}
