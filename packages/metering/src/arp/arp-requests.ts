import { hashWords } from '../flow-table/hash.ts';
import { LinkedList } from '../flow-table/linked-list.ts';
import { RecordTable } from '../flow-table/record-table.ts';

/** Key: who asks, for which address, VLAN. */
const KEY_WORDS = 3;
const N_TIME = Math.ceil((KEY_WORDS + 1) / 2);

/** Seconds in which a reply answers a request. */
const ANSWER_SECONDS = 10;

/** Who has asked for which address lately. Bounded; the oldest request makes room. */
export class ArpRequests {
  /** Requests forgotten within the time in which they could have been answered. */
  evicted = 0;
  readonly #table: RecordTable;
  readonly #list: LinkedList;
  readonly #key = new Int32Array(KEY_WORDS);
  readonly #seed: number;

  constructor(capacity: number, seed: number) {
    this.#table = new RecordTable(capacity, KEY_WORDS, 0, 1);
    this.#list = new LinkedList(new Int32Array(capacity * 2));
    this.#seed = seed;
  }

  add(asker: number, wanted: number, vlan: number, now: number): void {
    const hash = this.#setKey(asker, wanted, vlan);
    let slot = this.#table.find(this.#key, hash);
    if (slot >= 0) {
      this.#list.renew(slot);
    } else {
      if (this.#table.full) this.#makeRoom(now);
      slot = this.#table.insert(this.#key, hash);
      this.#list.append(slot);
    }
    this.#table.numbers[slot * this.#table.numberStride + N_TIME] = now;
  }

  has(asker: number, wanted: number, vlan: number, now: number): boolean {
    const slot = this.#table.find(this.#key, this.#setKey(asker, wanted, vlan));
    return slot >= 0 && now - this.#timeOf(slot) <= ANSWER_SECONDS;
  }

  #makeRoom(now: number): void {
    const oldest = this.#list.oldest;
    if (now - this.#timeOf(oldest) <= ANSWER_SECONDS) this.evicted++;
    this.#list.remove(oldest);
    this.#table.remove(oldest);
  }

  #timeOf(slot: number): number {
    return this.#table.numbers[slot * this.#table.numberStride + N_TIME];
  }

  #setKey(asker: number, wanted: number, vlan: number): number {
    this.#key[0] = asker;
    this.#key[1] = wanted;
    this.#key[2] = vlan;
    return hashWords(this.#key, KEY_WORDS, this.#seed);
  }
}
