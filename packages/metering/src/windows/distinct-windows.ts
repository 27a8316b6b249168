import type { LinkedList } from '../flow-table/linked-list.ts';
import type { RecordTable } from '../flow-table/record-table.ts';
import { DISTINCT_WINDOWS, WINDOWS, WINDOW_NANOSECONDS } from './window-seconds.ts';

/** Hears that a record entered (+1) or left (-1) a window. */
export type WindowCount = (slot: number, window: number, change: number) => void;

/**
 * Exact sliding windows over the records of a table that is kept in order of last use: a record is in a window while its
 * last use lies within. Per window a hand points at the oldest record inside and moves on as time passes, so each use
 * costs constant time.
 */
export class DistinctWindows {
  /** Per window, the oldest slot inside; -1 where there is none. */
  readonly #hands = new Int32Array(WINDOWS).fill(-1);
  readonly #table: RecordTable;
  readonly #list: LinkedList;
  readonly #memberAt: number;
  readonly #timeAt: number;
  readonly #count: WindowCount;

  /**
   * @param list     the table's records in order of last use
   * @param memberAt word that holds, as bits, the windows that a record is in
   * @param timeAt   number that holds the time of last use
   */
  constructor(table: RecordTable, list: LinkedList, memberAt: number, timeAt: number, count: WindowCount) {
    this.#table = table;
    this.#list = list;
    this.#memberAt = memberAt;
    this.#timeAt = timeAt;
    this.#count = count;
  }

  /** Lets records go whose last use is as long ago as their window is wide. */
  advance(now: number): void {
    const { numbers, numberStride } = this.#table;
    for (let k = 0; k < DISTINCT_WINDOWS.length; k++) {
      const window = DISTINCT_WINDOWS[k];
      const border = now - WINDOW_NANOSECONDS[window];
      for (;;) {
        const slot = this.#hands[window];
        if (slot < 0 || numbers[slot * numberStride + this.#timeAt] > border) break;
        this.#hands[window] = this.#list.newerThan(slot);
        this.#leave(slot, window);
      }
    }
  }

  /** A new record, not yet in the list, is used for the first time. */
  insert(slot: number, now: number): void {
    this.#list.append(slot);
    this.#enter(slot, now);
  }

  /** A record is used again. */
  use(slot: number, now: number): void {
    for (let k = 0; k < DISTINCT_WINDOWS.length; k++) this.#handOver(slot, DISTINCT_WINDOWS[k]);
    this.#list.renew(slot);
    this.#enter(slot, now);
  }

  /** Takes a record out of windows and list. */
  remove(slot: number): void {
    const members = this.#table.words[slot * this.#table.wordStride + this.#memberAt];
    for (let k = 0; k < DISTINCT_WINDOWS.length; k++) {
      const window = DISTINCT_WINDOWS[k];
      if ((members & (1 << window)) === 0) continue;
      if (this.#hands[window] === slot) this.#hands[window] = this.#list.newerThan(slot);
      this.#leave(slot, window);
    }
    this.#list.remove(slot);
  }

  /** The record is about to become the newest: the hand that points at it goes to the next one. */
  #handOver(slot: number, window: number): void {
    if (this.#hands[window] !== slot) return;
    const next = this.#list.newerThan(slot);
    if (next >= 0) this.#hands[window] = next;
  }

  #enter(slot: number, now: number): void {
    const { words, wordStride, numbers, numberStride } = this.#table;
    const at = slot * wordStride + this.#memberAt;
    numbers[slot * numberStride + this.#timeAt] = now;
    for (let k = 0; k < DISTINCT_WINDOWS.length; k++) {
      const window = DISTINCT_WINDOWS[k];
      if ((words[at] & (1 << window)) !== 0) continue;
      words[at] |= 1 << window;
      if (this.#hands[window] < 0) this.#hands[window] = slot;
      this.#count(slot, window, 1);
    }
  }

  #leave(slot: number, window: number): void {
    this.#table.words[slot * this.#table.wordStride + this.#memberAt] &= ~(1 << window);
    this.#count(slot, window, -1);
  }
}
