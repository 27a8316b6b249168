import type { DenseNetwork } from '../network/dense-network.ts';
import type { RowStore } from '../rows/row-store.ts';
import { limitOf, rowErrors } from './trim.ts';

/** Called between pieces of work: lets signals through, and throws to stop. */
export type Pause = () => Promise<void>;

/** Rows of a store that pass through a window of a network's rows; they stay there when all of them fit. */
export class WindowedRows {
  readonly store: RowStore;
  readonly #network: DenseNetwork;
  readonly #first: number;
  readonly #capacity: number;
  #resident = false;

  /** @param first where the window starts among the network's rows; `capacity` is how many it has */
  constructor(network: DenseNetwork, store: RowStore, first: number, capacity: number) {
    this.store = store;
    this.#network = network;
    this.#first = first;
    this.#capacity = capacity;
    for (let row = first; row < first + capacity; row++) network.order[row] = row;
  }

  /** Calls `visit` for every window, with its place in the network's order and the number of its first row. */
  async forEachWindow(pause: Pause, visit: (first: number, count: number, row: number) => void): Promise<void> {
    const { stride, rows } = this.#network;
    for (let row = 0; row < this.store.rows; row += this.#capacity) {
      const count = Math.min(this.#capacity, this.store.rows - row);
      if (!this.#resident) {
        const start = this.#first * stride;
        await this.store.read(row, count, rows.subarray(start, start + count * stride), stride);
      }
      visit(this.#first, count, row);
      await pause();
    }
    this.#resident = this.store.rows <= this.#capacity;
  }

  /** As {@link forEachWindow}, in parts that the network reconstructs at once. */
  async forEachPart(pause: Pause, visit: (first: number, count: number, row: number) => void): Promise<void> {
    const most = this.#network.partRows;
    await this.forEachWindow(pause, (first, count, row) => {
      for (let part = 0; part < count; part += most) visit(first + part, Math.min(most, count - part), row + part);
    });
  }

  /** Mean squared reconstruction error of every row. */
  async errors(pause: Pause): Promise<Float64Array> {
    const errors = new Float64Array(this.store.rows);
    await this.forEachWindow(pause, (first, count, row) => errors.set(rowErrors(this.#network, first, count), row));
    return errors;
  }

  /** Mean error without the share `trim` of the rows that has the largest errors. */
  async trimmedMeanError(trim: number, pause: Pause): Promise<number> {
    const errors = await this.errors(pause);
    const kept = keptRows(errors.length, trim);
    const { limit, ties } = limitOf(errors, kept);
    let sum = ties * limit;
    for (const error of errors) if (error < limit) sum += error;
    return sum / kept;
  }
}

/** Rows that are left when a share of them is trimmed. */
export function keptRows(rows: number, trim: number): number {
  return rows - Math.floor(rows * trim);
}

/** A pause that does nothing but let signals through; throws when the signal has been aborted. */
export function pauseFor(signal: AbortSignal): Pause {
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  };
}
