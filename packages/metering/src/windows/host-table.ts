import { hashWords } from '../flow-table/hash.ts';
import { LinkedList } from '../flow-table/linked-list.ts';
import { RecordTable } from '../flow-table/record-table.ts';
import { WINDOWS } from './window-seconds.ts';

/** Key: the address. Words and numbers of a host; those with several values have one per window. */
export const HOST_KEY_WORDS = 4;
const W = HOST_KEY_WORDS + 1;
/** As source: flows started, those unanswered, distinct destinations, distinct destination ports. */
export const H_SOURCE_FLOWS = W;
export const H_SOURCE_UNANSWERED = H_SOURCE_FLOWS + WINDOWS;
export const H_DESTINATIONS = H_SOURCE_UNANSWERED + WINDOWS;
export const H_PORTS = H_DESTINATIONS + WINDOWS;
/** As destination: flows, those unanswered, handshakes not completed, distinct sources. */
export const H_FLOWS = H_PORTS + WINDOWS;
export const H_UNANSWERED = H_FLOWS + WINDOWS;
export const H_HALF_OPEN = H_UNANSWERED + WINDOWS;
export const H_SOURCES = H_HALF_OPEN + WINDOWS;
const WORDS = 8 * WINDOWS;
const N = Math.ceil((W + WORDS) / 2);
/** IP bytes sent in flows that the host started. */
export const HN_SOURCE_BYTES = N;
const NUMBERS = WINDOWS;

/**
 * Hosts, the least recently used of which makes room for a new one. A slot may therefore come to hold another host;
 * whoever keeps a slot keeps the host's identifier beside it and asks {@link holds}.
 */
export class HostTable {
  readonly table: RecordTable;
  /** Hosts that made room. */
  evicted = 0;
  /** A slot that never holds a host: all its values are 0. */
  readonly blank: number;
  readonly #capacity: number;
  readonly #list: LinkedList;
  /** Identifier of the host in each slot; apart from the records, because it is asked for more often than they are. */
  readonly #ids: Int32Array;
  readonly #key = new Int32Array(HOST_KEY_WORDS);
  readonly #seed: number;
  #nextId = 1;

  constructor(capacity: number, seed: number) {
    this.table = new RecordTable(capacity + 1, HOST_KEY_WORDS, WORDS, NUMBERS);
    this.#capacity = capacity;
    this.blank = capacity;
    this.#list = new LinkedList(new Int32Array(capacity * 2));
    this.#ids = new Int32Array(capacity);
    this.#seed = seed;
  }

  /** Hash of the address that starts at `addresses[at]`, for {@link use}. */
  hashOf(addresses: Int32Array, at: number): number {
    const key = this.#key;
    for (let k = 0; k < HOST_KEY_WORDS; k++) key[k] = addresses[at + k];
    return hashWords(key, HOST_KEY_WORDS, this.#seed);
  }

  /** Fetches what {@link use} of a host with this hash will read, see {@link RecordTable.prefetch}. */
  prefetch(hash: number): number {
    const { table } = this;
    return table.prefetch(hash) ^ (table.size === this.#capacity ? table.prefetchSlot(this.#list.oldest) : 0);
  }

  /** The slot of the host whose address starts at `addresses[at]`, added if it is new; it is now the most recently used. */
  use(addresses: Int32Array, at: number, hash: number): number {
    const key = this.#key;
    for (let k = 0; k < HOST_KEY_WORDS; k++) key[k] = addresses[at + k];
    const { table } = this;
    const known = table.find(key, hash);
    if (known >= 0) {
      this.#list.renew(known);
      return known;
    }
    if (table.size === this.#capacity) {
      const oldest = this.#list.oldest;
      this.#list.remove(oldest);
      table.remove(oldest);
      this.evicted++;
    }
    const slot = table.insert(key, hash);
    this.#list.append(slot);
    this.#ids[slot] = this.#nextId;
    this.#nextId = (this.#nextId + 1) | 0;
    return slot;
  }

  /** The host in a slot is now the most recently used. */
  renew(slot: number): void {
    this.#list.renew(slot);
  }

  idOf(slot: number): number {
    return this.#ids[slot];
  }

  /** True while the slot holds the host with this identifier. */
  holds(slot: number, id: number): boolean {
    return slot >= 0 && this.#ids[slot] === id;
  }

  /** Adds to a word of the host if the slot still holds it. */
  add(slot: number, id: number, word: number, change: number): void {
    if (this.holds(slot, id)) this.table.words[slot * this.table.wordStride + word] += change;
  }
}
