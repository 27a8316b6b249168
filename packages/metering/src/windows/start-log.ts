import { EventRing } from './event-ring.ts';
import {
  H_FLOWS,
  H_HALF_OPEN,
  H_SOURCE_FLOWS,
  H_SOURCE_UNANSWERED,
  H_UNANSWERED,
  type HostTable,
} from './host-table.ts';
import { P_FLOWS, type PairTable } from './pair-table.ts';
import { WINDOWS, WINDOW_10MIN, WINDOW_10S, WINDOW_1H, WINDOW_60S } from './window-seconds.ts';

const IS_UNANSWERED = 1;
const IS_HALF_OPEN = 1 << 1;
/** Words per event: slot and identifier of source, destination and pair. */
const OWNERS = 6;

/** When flows started, and whether they were answered: counted for source, destination, pair and the whole sensor. */
export class StartLog {
  /** Flows in each window, and those nobody answered. */
  readonly sensorFlows = new Float64Array(WINDOWS);
  readonly sensorUnanswered = new Float64Array(WINDOWS);
  /** Over all windows, so that a place in the ring's list is a window. */
  readonly #ring: EventRing;
  readonly #hosts: HostTable;
  readonly #pairs: PairTable;
  readonly #flags: Uint8Array;
  readonly #owners: Int32Array;

  constructor(capacity: number, hosts: HostTable, pairs: PairTable) {
    const ring = new EventRing(capacity, [WINDOW_10S, WINDOW_60S, WINDOW_10MIN, WINDOW_1H]);
    this.#ring = ring;
    this.#hosts = hosts;
    this.#pairs = pairs;
    this.#flags = new Uint8Array(ring.capacity);
    this.#owners = new Int32Array(ring.capacity * OWNERS);
  }

  /** Starts that left before their time. */
  get dropped(): number {
    return this.#ring.dropped;
  }

  /**
   * A flow starts at `now`; `pair` is -1 for none.
   * @returns the serial number of the start, to be told of an answer
   */
  add(now: number, source: number, destination: number, pair: number, isHandshake: boolean): number {
    if (this.#ring.isFull) this.#makeRoom();
    const serial = this.#ring.add(now);
    const event = this.#ring.indexOf(serial);
    this.#flags[event] = isHandshake ? IS_UNANSWERED | IS_HALF_OPEN : IS_UNANSWERED;
    const owners = this.#owners;
    const at = event * OWNERS;
    owners[at] = source;
    owners[at + 1] = this.#hosts.idOf(source);
    owners[at + 2] = destination;
    owners[at + 3] = this.#hosts.idOf(destination);
    owners[at + 4] = pair;
    owners[at + 5] = pair < 0 ? 0 : this.#pairs.idOf(pair);
    this.#enter(source, destination, pair, isHandshake);
    return serial;
  }

  /** Takes flows off the windows that their starts have left at `now`. */
  advance(now: number): void {
    const ring = this.#ring;
    for (let window = 0; window < WINDOWS; window++) {
      for (let event = ring.leaving(window, now); event >= 0; event = ring.leaving(window, now)) {
        this.#leave(event, window);
      }
    }
  }

  /** The flow with this start was answered. */
  answered(serial: number): void {
    const event = this.#ring.indexOf(serial);
    const first = this.#ring.firstWindowWith(serial);
    if (first === WINDOWS || (this.#flags[event] & IS_UNANSWERED) === 0) return;
    this.#flags[event] &= ~IS_UNANSWERED;
    const owners = this.#owners;
    const at = event * OWNERS;
    for (let window = first; window < WINDOWS; window++) {
      this.#hosts.add(owners[at], owners[at + 1], H_SOURCE_UNANSWERED + window, -1);
      this.#hosts.add(owners[at + 2], owners[at + 3], H_UNANSWERED + window, -1);
      this.sensorUnanswered[window]--;
    }
  }

  /** The handshake of the flow with this start was completed or given up. */
  handshakeOver(serial: number): void {
    const event = this.#ring.indexOf(serial);
    const first = this.#ring.firstWindowWith(serial);
    if (first === WINDOWS || (this.#flags[event] & IS_HALF_OPEN) === 0) return;
    this.#flags[event] &= ~IS_HALF_OPEN;
    const owners = this.#owners;
    const at = event * OWNERS;
    for (let window = first; window < WINDOWS; window++) {
      this.#hosts.add(owners[at + 2], owners[at + 3], H_HALF_OPEN + window, -1);
    }
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    this.#ring.rebase(shift);
  }

  #makeRoom(): void {
    for (let window = 0; window < WINDOWS; window++) {
      const event = this.#ring.drop(window);
      if (event >= 0) this.#leave(event, window);
    }
  }

  /** Adds a flow to all windows of its owners at once: it is in all of them, and unanswered. */
  #enter(source: number, destination: number, pair: number, isHandshake: boolean): void {
    const { words, wordStride } = this.#hosts.table;
    const from = source * wordStride;
    const to = destination * wordStride;
    const halfOpen = isHandshake ? 1 : 0;
    for (let window = 0; window < WINDOWS; window++) {
      this.sensorFlows[window]++;
      this.sensorUnanswered[window]++;
      words[from + H_SOURCE_FLOWS + window]++;
      words[from + H_SOURCE_UNANSWERED + window]++;
      words[to + H_FLOWS + window]++;
      words[to + H_UNANSWERED + window]++;
      words[to + H_HALF_OPEN + window] += halfOpen;
    }
    if (pair < 0) return;
    const pairs = this.#pairs.table;
    const base = pair * pairs.wordStride + P_FLOWS;
    pairs.words[base + WINDOW_60S]++;
    pairs.words[base + WINDOW_1H]++;
  }

  #leave(event: number, window: number): void {
    const owners = this.#owners;
    const at = event * OWNERS;
    const flags = this.#flags[event];
    const unanswered = (flags & IS_UNANSWERED) !== 0;
    this.sensorFlows[window]--;
    if (unanswered) this.sensorUnanswered[window]--;
    const { words, wordStride } = this.#hosts.table;
    const source = owners[at];
    if (this.#hosts.holds(source, owners[at + 1])) {
      const base = source * wordStride + window;
      words[base + H_SOURCE_FLOWS]--;
      if (unanswered) words[base + H_SOURCE_UNANSWERED]--;
    }
    const destination = owners[at + 2];
    if (this.#hosts.holds(destination, owners[at + 3])) {
      const base = destination * wordStride + window;
      words[base + H_FLOWS]--;
      if (unanswered) words[base + H_UNANSWERED]--;
      if ((flags & IS_HALF_OPEN) !== 0) words[base + H_HALF_OPEN]--;
    }
    const pair = owners[at + 4];
    // Pairs are not counted where no feature asks.
    if (window !== WINDOW_60S && window !== WINDOW_1H) return;
    if (this.#pairs.holds(pair, owners[at + 5])) {
      this.#pairs.table.words[pair * this.#pairs.table.wordStride + P_FLOWS + window]--;
    }
  }
}
