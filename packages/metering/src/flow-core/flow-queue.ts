import type { CoreFlowRecord } from './core-flow.ts';

interface Waiting {
  readonly flow: CoreFlowRecord;
  /** Order of arrival, which decides between flows that end at once. */
  readonly serial: number;
}

/** Flows that wait to be put in order of their ends: a binary heap, the earliest end first. */
export class FlowQueue {
  readonly #heap: Waiting[] = [];
  #serial = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The flow with the earliest end. */
  get first(): CoreFlowRecord | undefined {
    return this.#heap[0]?.flow;
  }

  push(flow: CoreFlowRecord): void {
    const heap = this.#heap;
    const entry = { flow, serial: this.#serial++ };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isEarlier(entry, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the flow with the earliest end out. */
  pop(): CoreFlowRecord | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first?.flow;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1], heap[child])) child++;
      if (!isEarlier(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first.flow;
  }
}

function isEarlier(a: Waiting, b: Waiting): boolean {
  const seconds = a.flow.endSeconds - b.flow.endSeconds;
  if (seconds !== 0) return seconds < 0;
  const nanoseconds = a.flow.endNanoseconds - b.flow.endNanoseconds;
  return nanoseconds !== 0 ? nanoseconds < 0 : a.serial < b.serial;
}
