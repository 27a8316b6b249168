import type { Clock } from './clock.ts';

/**
 * Something that goes on over time, such as one conversation: it acts, then yields how many seconds to wait, until it
 * ends.
 */
export type Process = Generator<number, void, void>;

/** A part of a process that ends with a result; call it with `yield*`. */
export type Step<T> = Generator<number, T, void>;

interface Waiting {
  /** Microseconds since the start. */
  readonly at: number;
  /** Order of arrival, so that equal times keep a fixed order. */
  readonly order: number;
  readonly process: Process;
}

/**
 * Runs any number of processes in the order of traffic time, in a binary heap: memory grows with the processes that
 * are alive, not with the traffic that they make. Time is a whole number of microseconds since the start.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #heap: Waiting[] = [];
  #order = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Processes that have not ended. */
  get alive(): number {
    return this.#heap.length;
  }

  /** Starts a process after a delay in seconds. */
  start(process: Process, delay = 0): void {
    this.#push(process, delay);
  }

  /** Runs everything that is due before `until` (microseconds) or until `limit` steps were made. True when done. */
  run(until: number, limit: number): boolean {
    for (let steps = 0; steps < limit; steps++) {
      const next = this.#heap[0];
      if (next === undefined || next.at >= until) return true;
      this.#pop();
      this.#clock.microseconds = next.at;
      const { value, done } = next.process.next();
      if (!done) this.#push(next.process, value);
    }
    return false;
  }

  /** Ends every process at the point that it has reached. */
  stop(): void {
    for (const { process } of this.#heap.splice(0)) process.return();
  }

  #push(process: Process, delay: number): void {
    const entry = { at: this.#clock.microseconds + Math.round(delay * 1e6), order: this.#order++, process };
    const heap = this.#heap;
    let hole = heap.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[hole] = heap[parent];
      hole = parent;
    }
    heap[hole] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const entry = heap.pop();
    if (entry === undefined || heap.length === 0) return;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], entry)) break;
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = entry;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
