import { LinkedList } from './linked-list.ts';

/**
 * Deadlines of flows that do not move with each packet: ages at which records are emitted, the active timeout, the
 * linger after a close. There is one list per kind. Within a kind the delay is constant, so appending keeps a list
 * sorted and the next deadline is at its head. A flow has at most one timer.
 */
export class FlowTimers {
  /** Per slot: when the timer goes off, and its kind, -1 for none. Apart from the flows, to touch less memory. */
  readonly #deadlines: Float64Array;
  readonly #kinds: Int8Array;
  readonly #lists: LinkedList[] = [];

  constructor(capacity: number, kinds: number) {
    this.#deadlines = new Float64Array(capacity);
    this.#kinds = new Int8Array(capacity).fill(-1);
    const links = new Int32Array(capacity * 2);
    for (let kind = 0; kind < kinds; kind++) this.#lists.push(new LinkedList(links));
  }

  /** Sets the timer of a flow that has none running. Deadlines of one kind must be set in order. */
  set(slot: number, kind: number, deadline: number): void {
    this.#kinds[slot] = kind;
    this.#deadlines[slot] = deadline;
    this.#lists[kind].append(slot);
  }

  /** Stops the timer of a flow, if one is running. */
  clear(slot: number): void {
    const kind = this.#kinds[slot];
    if (kind < 0) return;
    this.#lists[kind].remove(slot);
    this.#kinds[slot] = -1;
  }

  /** Kind of the timer that is running for a flow. */
  kindOf(slot: number): number {
    return this.#kinds[slot];
  }

  /** When the timer that is running for a flow goes off. */
  deadlineOf(slot: number): number {
    return this.#deadlines[slot];
  }

  /** The flow whose timer goes off first, -1 for none. */
  first(): number {
    const lists = this.#lists;
    let first = -1;
    let deadline = Infinity;
    for (let kind = 0; kind < lists.length; kind++) {
      const slot = lists[kind].oldest;
      if (slot >= 0 && this.#deadlines[slot] < deadline) {
        deadline = this.#deadlines[slot];
        first = slot;
      }
    }
    return first;
  }

  /** Moves all deadlines back by `shift`. */
  rebase(shift: number): void {
    for (const list of this.#lists) {
      for (let slot = list.oldest; slot >= 0; slot = list.newerThan(slot)) this.#deadlines[slot] -= shift;
    }
  }
}
