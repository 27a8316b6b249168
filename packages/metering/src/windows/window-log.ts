import {
  HN_SOURCE_BYTES,
  H_FLOWS,
  H_HALF_OPEN,
  H_SOURCE_FLOWS,
  H_SOURCE_UNANSWERED,
  H_UNANSWERED,
  type HostTable,
} from './host-table.ts';
import { PN_BYTES, P_FLOWS, type PairTable } from './pair-table.ts';
import { WINDOWS, WINDOW_NANOSECONDS } from './window-seconds.ts';

/** What an event says. */
const IS_START = 1;
const IS_UNANSWERED = 1 << 1;
const IS_HALF_OPEN = 1 << 2;

const LAST_WINDOW = WINDOWS - 1;

/**
 * The log behind the window counters: a ring of events (a flow started; a flow moved bytes) in order of time. Each
 * window has a hand at its oldest event; an event that a hand passes is taken off that window's counters. Counters are
 * therefore exact at every instant, at a constant cost per event. When the ring is full its oldest events leave early.
 */
export class WindowLog {
  /** Events that left before their hour because the ring was full. */
  dropped = 0;
  /** Flows in each window, and those nobody answered. */
  readonly sensorFlows = new Float64Array(WINDOWS);
  readonly sensorUnanswered = new Float64Array(WINDOWS);

  readonly #capacity: number;
  readonly #hosts: HostTable;
  readonly #pairs: PairTable;
  readonly #times: Float64Array;
  readonly #sentBytes: Float64Array;
  readonly #pairBytes: Float64Array;
  readonly #flags: Uint8Array;
  /** Per event: slot and identifier of source, destination and pair. */
  readonly #owners: Int32Array;
  /** Serial number of each window's oldest event. */
  readonly #hands = new Float64Array(WINDOWS);
  /** Serial number of the next event. */
  #next = 0;

  constructor(capacity: number, hosts: HostTable, pairs: PairTable) {
    this.#capacity = capacity;
    this.#hosts = hosts;
    this.#pairs = pairs;
    this.#times = new Float64Array(capacity);
    this.#sentBytes = new Float64Array(capacity);
    this.#pairBytes = new Float64Array(capacity);
    this.#flags = new Uint8Array(capacity);
    this.#owners = new Int32Array(capacity * 6);
  }

  /** Takes events off the windows that they have left at `now`. */
  advance(now: number): void {
    for (let window = 0; window < WINDOWS; window++) {
      const border = now - WINDOW_NANOSECONDS[window];
      while (this.#hands[window] < this.#next) {
        const event = this.#hands[window] % this.#capacity;
        if (this.#times[event] > border) break;
        this.#apply(event, window, -1);
        this.#hands[window]++;
      }
    }
  }

  /**
   * A flow starts.
   * @returns the event's serial number, to be told of an answer
   */
  start(now: number, source: number, destination: number, pair: number, isHandshake: boolean): number {
    return this.#add(now, IS_START | IS_UNANSWERED | (isHandshake ? IS_HALF_OPEN : 0), source, destination, pair, 0, 0);
  }

  /** A flow moved bytes: `sent` by its source, `total` in both directions. */
  bytes(now: number, source: number, destination: number, pair: number, sent: number, total: number): void {
    this.#add(now, 0, source, destination, pair, sent, total);
  }

  /** The flow that started with this event was answered. */
  answered(serial: number): void {
    this.#resolve(serial, IS_UNANSWERED);
  }

  /** The handshake of the flow that started with this event was completed or given up. */
  handshakeOver(serial: number): void {
    this.#resolve(serial, IS_HALF_OPEN);
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    for (let serial = this.#hands[LAST_WINDOW]; serial < this.#next; serial++) {
      this.#times[serial % this.#capacity] -= shift;
    }
  }

  #add(
    now: number,
    flags: number,
    source: number,
    destination: number,
    pair: number,
    sent: number,
    total: number,
  ): number {
    if (this.#next - this.#hands[LAST_WINDOW] === this.#capacity) this.#dropOldest();
    const serial = this.#next++;
    const event = serial % this.#capacity;
    this.#times[event] = now;
    this.#flags[event] = flags;
    this.#sentBytes[event] = sent;
    this.#pairBytes[event] = total;
    const owner = event * 6;
    this.#owners[owner] = source;
    this.#owners[owner + 1] = source < 0 ? 0 : this.#hosts.idOf(source);
    this.#owners[owner + 2] = destination;
    this.#owners[owner + 3] = destination < 0 ? 0 : this.#hosts.idOf(destination);
    this.#owners[owner + 4] = pair;
    this.#owners[owner + 5] = pair < 0 ? 0 : this.#pairs.idOf(pair);
    for (let window = 0; window < WINDOWS; window++) this.#apply(event, window, 1);
    return serial;
  }

  #dropOldest(): void {
    const oldest = this.#hands[LAST_WINDOW];
    for (let window = 0; window < WINDOWS; window++) {
      if (this.#hands[window] !== oldest) continue;
      this.#apply(oldest % this.#capacity, window, -1);
      this.#hands[window]++;
    }
    this.dropped++;
  }

  #resolve(serial: number, flag: number): void {
    if (serial < this.#hands[LAST_WINDOW]) return;
    const event = serial % this.#capacity;
    if ((this.#flags[event] & flag) === 0) return;
    this.#flags[event] &= ~flag;
    const owner = event * 6;
    const owners = this.#owners;
    for (let window = 0; window < WINDOWS; window++) {
      if (serial < this.#hands[window]) continue;
      if (flag === IS_UNANSWERED) {
        this.#hosts.add(owners[owner], owners[owner + 1], H_SOURCE_UNANSWERED + window, -1);
        this.#hosts.add(owners[owner + 2], owners[owner + 3], H_UNANSWERED + window, -1);
        this.sensorUnanswered[window]--;
      } else {
        this.#hosts.add(owners[owner + 2], owners[owner + 3], H_HALF_OPEN + window, -1);
      }
    }
  }

  /** Adds an event to a window's counters (`sign` 1) or takes it off (-1). */
  #apply(event: number, window: number, sign: number): void {
    const owner = event * 6;
    const owners = this.#owners;
    const flags = this.#flags[event];
    const source = owners[owner];
    const pair = owners[owner + 4];
    const hasSource = this.#hosts.holds(source, owners[owner + 1]);
    const hasPair = this.#pairs.holds(pair, owners[owner + 5]);
    if ((flags & IS_START) === 0) {
      const { numbers, numberStride } = this.#hosts.table;
      if (hasSource) numbers[source * numberStride + HN_SOURCE_BYTES + window] += sign * this.#sentBytes[event];
      const pairs = this.#pairs.table;
      if (hasPair) pairs.numbers[pair * pairs.numberStride + PN_BYTES + window] += sign * this.#pairBytes[event];
      return;
    }
    this.sensorFlows[window] += sign;
    const unanswered = (flags & IS_UNANSWERED) !== 0;
    if (unanswered) this.sensorUnanswered[window] += sign;
    const { words, wordStride } = this.#hosts.table;
    if (hasSource) {
      words[source * wordStride + H_SOURCE_FLOWS + window] += sign;
      if (unanswered) words[source * wordStride + H_SOURCE_UNANSWERED + window] += sign;
    }
    const destination = owners[owner + 2];
    if (this.#hosts.holds(destination, owners[owner + 3])) {
      words[destination * wordStride + H_FLOWS + window] += sign;
      if (unanswered) words[destination * wordStride + H_UNANSWERED + window] += sign;
      if ((flags & IS_HALF_OPEN) !== 0) words[destination * wordStride + H_HALF_OPEN + window] += sign;
    }
    if (hasPair) this.#pairs.table.words[pair * this.#pairs.table.wordStride + P_FLOWS + window] += sign;
  }
}
