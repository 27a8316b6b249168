import { LinkedList } from './linked-list.ts';
import { N_TIMER, W_TIMER, W_TIMER_LINK } from './flow-layout.ts';
import type { RecordTable } from './record-table.ts';

/**
 * Deadlines of flows that do not move with each packet: ages at which records are emitted, the active timeout, the
 * linger after a close. There is one list per kind. Within a kind the delay is constant, so appending keeps a list
 * sorted and the next deadline is at its head.
 */
export class FlowTimers {
  readonly #table: RecordTable;
  readonly #lists: LinkedList[] = [];

  constructor(table: RecordTable, kinds: number) {
    this.#table = table;
    for (let kind = 0; kind < kinds; kind++) {
      this.#lists.push(new LinkedList(table.words, table.wordStride, W_TIMER_LINK));
    }
  }

  /** Sets the timer of a flow that has none running. Deadlines of one kind must be set in order. */
  set(slot: number, kind: number, deadline: number): void {
    this.#table.words[slot * this.#table.wordStride + W_TIMER] = kind;
    this.#table.numbers[slot * this.#table.numberStride + N_TIMER] = deadline;
    this.#lists[kind].append(slot);
  }

  /** Stops the timer of a flow, if one is running. */
  clear(slot: number): void {
    const at = slot * this.#table.wordStride + W_TIMER;
    const kind = this.#table.words[at];
    if (kind < 0) return;
    this.#lists[kind].remove(slot);
    this.#table.words[at] = -1;
  }

  /** The flow whose timer goes off first, -1 for none. */
  first(): number {
    const { numbers, numberStride } = this.#table;
    let first = -1;
    let deadline = Infinity;
    for (const list of this.#lists) {
      const slot = list.oldest;
      if (slot >= 0 && numbers[slot * numberStride + N_TIMER] < deadline) {
        deadline = numbers[slot * numberStride + N_TIMER];
        first = slot;
      }
    }
    return first;
  }
}
