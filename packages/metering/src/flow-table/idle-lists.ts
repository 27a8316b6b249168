import { FLAG_MID_STREAM, FLAG_WAITING, N_LAST, W_FLAGS } from './flow-layout.ts';
import { LinkedList } from './linked-list.ts';
import type { RecordTable } from './record-table.ts';

/**
 * Flows in order of their latest packet, in two lists: those that wait for a first answer, which have a shorter timeout,
 * and all others. The heads tell which flow has been idle for too long, and which is the least recently used.
 */
export class IdleLists {
  readonly #records: RecordTable;
  readonly #waiting: LinkedList;
  readonly #others: LinkedList;
  readonly #waitingTimeout: number;
  readonly #timeout: number;

  /**
   * @param timeout        relative time without a packet after which a flow ends
   * @param waitingTimeout the same while it waits for an answer; where it is no shorter, no flow waits
   */
  constructor(records: RecordTable, timeout: number, waitingTimeout: number) {
    const links = new Int32Array(records.capacity * 2);
    this.#records = records;
    this.#waiting = new LinkedList(links);
    this.#others = new LinkedList(links);
    this.#timeout = timeout;
    this.#waitingTimeout = Math.min(timeout, waitingTimeout);
  }

  /** The shortest time after which a flow may end. */
  get shortestTimeout(): number {
    return this.#waitingTimeout;
  }

  /** Adds a flow with its first packet. */
  add(slot: number): void {
    const at = slot * this.#records.wordStride + W_FLAGS;
    // Of a connection that is already under way, one direction may be all that the sensor sees.
    const waits = this.#waitingTimeout < this.#timeout && (this.#records.words[at] & FLAG_MID_STREAM) === 0;
    if (!waits) {
      this.#others.append(slot);
      return;
    }
    this.#records.words[at] |= FLAG_WAITING;
    this.#waiting.append(slot);
  }

  /** The flow has had a packet; `isAnswer` says that it went against the flow's direction. */
  renew(slot: number, isAnswer: boolean): void {
    const at = slot * this.#records.wordStride + W_FLAGS;
    if ((this.#records.words[at] & FLAG_WAITING) === 0) {
      this.#others.renew(slot);
    } else if (isAnswer) {
      this.#records.words[at] &= ~FLAG_WAITING;
      this.#waiting.remove(slot);
      this.#others.append(slot);
    } else {
      this.#waiting.renew(slot);
    }
  }

  remove(slot: number): void {
    (this.isWaiting(slot) ? this.#waiting : this.#others).remove(slot);
  }

  /** True while nobody has answered, where that matters. */
  isWaiting(slot: number): boolean {
    return (this.#records.words[slot * this.#records.wordStride + W_FLAGS] & FLAG_WAITING) !== 0;
  }

  /** The flow that ends first if no more packets come, -1 for none. */
  first(): number {
    const waiting = this.#waiting.oldest;
    const other = this.#others.oldest;
    if (waiting < 0) return other;
    if (other < 0) return waiting;
    return this.deadlineOf(waiting) < this.deadlineOf(other) ? waiting : other;
  }

  /** When a flow ends if no more packets come. */
  deadlineOf(slot: number): number {
    return this.#lastOf(slot) + (this.isWaiting(slot) ? this.#waitingTimeout : this.#timeout);
  }

  /** The flow whose latest packet is the oldest, -1 for none. */
  leastRecentlyUsed(): number {
    const waiting = this.#waiting.oldest;
    const other = this.#others.oldest;
    if (waiting < 0) return other;
    if (other < 0) return waiting;
    return this.#lastOf(waiting) < this.#lastOf(other) ? waiting : other;
  }

  /** Calls back for every flow. */
  forEach(visit: (slot: number) => void): void {
    for (const list of [this.#waiting, this.#others]) {
      for (let slot = list.oldest; slot >= 0; slot = list.newerThan(slot)) visit(slot);
    }
  }

  #lastOf(slot: number): number {
    return this.#records.numbers[slot * this.#records.numberStride + N_LAST];
  }
}
