import { hashWords } from '../flow-table/hash.ts';
import { LinkedList } from '../flow-table/linked-list.ts';
import { RecordTable } from '../flow-table/record-table.ts';
import { DistinctWindows } from './distinct-windows.ts';
import { H_DESTINATIONS, H_SOURCES, type HostTable } from './host-table.ts';
import { WINDOWS, WINDOW_1H } from './window-seconds.ts';

/** Key: address of the source, address of the destination. */
const KEY_WORDS = 8;
const W = KEY_WORDS + 1;
const W_SOURCE = W;
const W_SOURCE_ID = W + 1;
const W_DESTINATION = W + 2;
const W_DESTINATION_ID = W + 3;
const W_MEMBER = W + 4;
const W_CONTACTS = W + 5;
/** Flows, one word per window. */
export const P_FLOWS = W + 6;
const WORDS = 6 + WINDOWS;
const N = Math.ceil((W + WORDS) / 2);
const N_LAST_USE = N;
const N_LAST_CONTACT = N + 1;
/** Moving mean and variance of the seconds between contacts. */
const N_GAP_MEAN = N + 2;
const N_GAP_VARIANCE = N + 3;
/** IP bytes of the pair's flows in both directions, one number per window. */
export const PN_BYTES = N + 4;
const NUMBERS = 4 + WINDOWS;

const SECOND = 1e9;
/** Flows that start closer together are one contact: a browser opens several connections at once. */
const SAME_CONTACT = SECOND;
/** Weight of the latest gap in the moving mean and variance: about the last eight gaps count. */
const GAP_WEIGHT = 1 / 8;
/** Contacts before regularity says anything. */
const FEWEST_CONTACTS = 4;

/**
 * Who started flows to whom: the pair's own windows, and the distinct destinations and sources that it adds to its two
 * hosts. Least recently used pairs make room.
 */
export class PairTable {
  readonly table: RecordTable;
  /** Pairs that made room. */
  evicted = 0;
  /** Contacts that were not remembered because one of the hosts was at its cap. */
  saturated = 0;
  readonly #list: LinkedList;
  /** Identifier of the pair in each slot. */
  readonly #ids: Int32Array;
  readonly #windows: DistinctWindows;
  readonly #hosts: HostTable;
  readonly #cap: number;
  readonly #seed: number;
  #nextId = 1;

  /** @param cap most destinations, and most sources, that count for a host */
  constructor(capacity: number, cap: number, hosts: HostTable, seed: number) {
    const table = new RecordTable(capacity, KEY_WORDS, WORDS, NUMBERS);
    this.table = table;
    this.#list = new LinkedList(new Int32Array(capacity * 2));
    this.#ids = new Int32Array(capacity);
    this.#hosts = hosts;
    this.#cap = cap;
    this.#seed = seed;
    this.#windows = new DistinctWindows(table, this.#list, W_MEMBER, N_LAST_USE, (slot, window, change) => {
      const base = slot * table.wordStride;
      const { words } = table;
      hosts.add(words[base + W_SOURCE], words[base + W_SOURCE_ID], H_DESTINATIONS + window, change);
      hosts.add(words[base + W_DESTINATION], words[base + W_DESTINATION_ID], H_SOURCES + window, change);
    });
  }

  advance(now: number): void {
    this.#windows.advance(now);
  }

  /** Hash of a pair, for {@link find} and {@link add}. */
  hashOf(addresses: Int32Array): number {
    return hashWords(addresses, KEY_WORDS, this.#seed);
  }

  /** Fetches what adding a pair with this hash will read, see {@link RecordTable.prefetch}. */
  prefetch(hash: number): number {
    const { table } = this;
    return table.prefetch(hash) ^ (table.full ? table.prefetchSlot(this.#list.oldest) : 0);
  }

  /** The slot of a pair, source and destination in four words each; -1 where it is not known. */
  find(addresses: Int32Array, hash: number): number {
    return this.table.find(addresses, hash);
  }

  /** True while both hosts of a pair are where they were. */
  hasItsHosts(slot: number): boolean {
    const base = slot * this.table.wordStride;
    const { words } = this.table;
    return (
      this.#hosts.holds(words[base + W_SOURCE], words[base + W_SOURCE_ID]) &&
      this.#hosts.holds(words[base + W_DESTINATION], words[base + W_DESTINATION_ID])
    );
  }

  /** Slots of the two hosts of a pair. */
  sourceOf(slot: number): number {
    return this.table.words[slot * this.table.wordStride + W_SOURCE];
  }

  destinationOf(slot: number): number {
    return this.table.words[slot * this.table.wordStride + W_DESTINATION];
  }

  /** A flow starts between a known pair. */
  use(slot: number, now: number): void {
    this.#windows.use(slot, now);
    this.#contact(slot, now);
  }

  /** Forgets a pair: one of its hosts was dropped and came back, so that what is counted for it starts again. */
  remove(slot: number): void {
    this.#windows.remove(slot);
    this.table.remove(slot);
  }

  /**
   * A flow starts between two hosts that are no known pair.
   * @returns the pair's slot, -1 where a host is at its cap
   */
  add(addresses: Int32Array, hash: number, source: number, destination: number, now: number): number {
    const { table } = this;
    if (this.#saturates(source, H_DESTINATIONS) || this.#saturates(destination, H_SOURCES)) {
      this.saturated++;
      return -1;
    }
    if (table.full) {
      this.remove(this.#list.oldest);
      this.evicted++;
    }
    const slot = table.insert(addresses, hash);
    const base = slot * table.wordStride;
    this.#ids[slot] = this.#nextId;
    this.#nextId = (this.#nextId + 1) | 0;
    table.words[base + W_SOURCE] = source;
    table.words[base + W_SOURCE_ID] = this.#hosts.idOf(source);
    table.words[base + W_DESTINATION] = destination;
    table.words[base + W_DESTINATION_ID] = this.#hosts.idOf(destination);
    table.words[base + W_CONTACTS] = 1;
    table.numbers[slot * table.numberStride + N_LAST_CONTACT] = now;
    this.#windows.insert(slot, now);
    return slot;
  }

  idOf(slot: number): number {
    return this.#ids[slot];
  }

  /** True while the slot holds the pair with this identifier. */
  holds(slot: number, id: number): boolean {
    return slot >= 0 && this.#ids[slot] === id;
  }

  /** 1 / (1 + coefficient of variation) of the times between the latest contacts; 0 for fewer than four contacts. */
  regularity(slot: number): number {
    const { table } = this;
    if (table.words[slot * table.wordStride + W_CONTACTS] < FEWEST_CONTACTS) return 0;
    const nbase = slot * table.numberStride;
    const mean = table.numbers[nbase + N_GAP_MEAN];
    return mean / (mean + Math.sqrt(table.numbers[nbase + N_GAP_VARIANCE]));
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    const { numbers, numberStride } = this.table;
    for (let slot = this.#list.oldest; slot >= 0; slot = this.#list.newerThan(slot)) {
      numbers[slot * numberStride + N_LAST_USE] -= shift;
      numbers[slot * numberStride + N_LAST_CONTACT] -= shift;
    }
  }

  #saturates(host: number, counter: number): boolean {
    const { words, wordStride } = this.#hosts.table;
    return words[host * wordStride + counter + WINDOW_1H] >= this.#cap;
  }

  #contact(slot: number, now: number): void {
    const { words, wordStride, numbers, numberStride } = this.table;
    const nbase = slot * numberStride;
    const gap = now - numbers[nbase + N_LAST_CONTACT];
    if (gap < SAME_CONTACT) return;
    numbers[nbase + N_LAST_CONTACT] = now;
    const seconds = gap / SECOND;
    if (words[slot * wordStride + W_CONTACTS]++ === 1) {
      numbers[nbase + N_GAP_MEAN] = seconds;
      return;
    }
    // Exponentially weighted mean and variance (Finch 2009, "Incremental calculation of weighted mean and variance").
    const difference = seconds - numbers[nbase + N_GAP_MEAN];
    const step = GAP_WEIGHT * difference;
    numbers[nbase + N_GAP_MEAN] += step;
    numbers[nbase + N_GAP_VARIANCE] = (1 - GAP_WEIGHT) * (numbers[nbase + N_GAP_VARIANCE] + difference * step);
  }
}
