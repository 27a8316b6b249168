import { hashWords } from '../flow-table/hash.ts';
import { LinkedList } from '../flow-table/linked-list.ts';
import { RecordTable } from '../flow-table/record-table.ts';
import { DistinctWindows } from './distinct-windows.ts';
import { H_PORTS, type HostTable } from './host-table.ts';
import { WINDOW_1H } from './window-seconds.ts';

/** Key: address of the source, destination port and protocol. */
const KEY_WORDS = 5;
const W = KEY_WORDS + 1;
const W_OWNER = W;
const W_OWNER_ID = W + 1;
const W_MEMBER = W + 2;
const WORDS = 3;
const N_LAST_USE = Math.ceil((W + WORDS) / 2);
const NUMBERS = 1;

/** Which destination ports a source has used: counts the distinct ones in the host's record. */
export class PortTable {
  /** Ports that made room. */
  evicted = 0;
  /** Uses that were not remembered because the host was at its cap. */
  saturated = 0;
  readonly #table: RecordTable;
  readonly #list: LinkedList;
  readonly #windows: DistinctWindows;
  readonly #hosts: HostTable;
  readonly #cap: number;
  readonly #seed: number;
  readonly #key = new Int32Array(KEY_WORDS);

  /** @param cap most ports that count for a host */
  constructor(capacity: number, cap: number, hosts: HostTable, seed: number) {
    this.#table = new RecordTable(capacity, KEY_WORDS, WORDS, NUMBERS);
    this.#list = new LinkedList(new Int32Array(capacity * 2));
    this.#hosts = hosts;
    this.#cap = cap;
    this.#seed = seed;
    this.#windows = new DistinctWindows(this.#table, this.#list, W_MEMBER, N_LAST_USE, (slot, window, change) => {
      const base = slot * this.#table.wordStride;
      const { words } = this.#table;
      hosts.add(words[base + W_OWNER], words[base + W_OWNER_ID], H_PORTS + window, change);
    });
  }

  advance(now: number): void {
    this.#windows.advance(now);
  }

  /** Names the port of the host with the address that the first four words are; returns the hash of both. */
  setKey(addresses: Int32Array, port: number, protocol: number): number {
    const key = this.#key;
    for (let k = 0; k < 4; k++) key[k] = addresses[k];
    key[4] = port | (protocol << 16);
    return hashWords(key, KEY_WORDS, this.#seed);
  }

  /** Fetches what {@link use} with this hash will read, see {@link RecordTable.prefetch}. */
  prefetch(hash: number): number {
    const table = this.#table;
    return table.prefetch(hash) ^ (table.full ? table.prefetchSlot(this.#list.oldest) : 0);
  }

  /** The host in `owner` starts a flow to the port that {@link setKey} named. */
  use(owner: number, hash: number, now: number): void {
    const key = this.#key;
    const table = this.#table;
    const ownerId = this.#hosts.idOf(owner);
    let slot = table.find(key, hash);
    if (slot >= 0) {
      if (table.words[slot * table.wordStride + W_OWNER_ID] === ownerId) {
        this.#windows.use(slot, now);
        return;
      }
      // The host was dropped and came back: its count starts again.
      this.#windows.remove(slot);
      table.remove(slot);
    } else if (this.#hosts.table.words[owner * this.#hosts.table.wordStride + H_PORTS + WINDOW_1H] >= this.#cap) {
      this.saturated++;
      return;
    }
    if (table.full) {
      const oldest = this.#list.oldest;
      this.#windows.remove(oldest);
      table.remove(oldest);
      this.evicted++;
    }
    slot = table.insert(key, hash);
    table.words[slot * table.wordStride + W_OWNER] = owner;
    table.words[slot * table.wordStride + W_OWNER_ID] = ownerId;
    this.#windows.insert(slot, now);
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    for (let slot = this.#list.oldest; slot >= 0; slot = this.#list.newerThan(slot)) {
      this.#table.numbers[slot * this.#table.numberStride + N_LAST_USE] -= shift;
    }
  }
}
