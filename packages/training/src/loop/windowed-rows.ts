import type { DenseNetwork } from '../network/dense-network.ts';
import type { RowStore } from '../rows/row-store.ts';

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

  /** Calls `visit` for every window, with its place in the network's order. */
  async forEachWindow(signal: AbortSignal, visit: (first: number, count: number) => void): Promise<void> {
    const { stride, rows } = this.#network;
    for (let first = 0; first < this.store.rows; first += this.#capacity) {
      const count = Math.min(this.#capacity, this.store.rows - first);
      if (!this.#resident) {
        const start = this.#first * stride;
        await this.store.read(first, count, rows.subarray(start, start + count * stride), stride);
      }
      visit(this.#first, count);
      await breathe(signal);
    }
    this.#resident = this.store.rows <= this.#capacity;
  }

  /** As {@link forEachWindow}, in parts that the network reconstructs at once. */
  async forEachPart(signal: AbortSignal, visit: (first: number, count: number) => void): Promise<void> {
    const most = this.#network.partRows;
    await this.forEachWindow(signal, (first, count) => {
      for (let part = 0; part < count; part += most) visit(first + part, Math.min(most, count - part));
    });
  }
}

/** Lets signals and progress through; throws when the signal has been aborted. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
