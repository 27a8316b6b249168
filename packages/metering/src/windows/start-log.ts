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
export class StartLog extends EventRing {
  /** Flows in each window, and those nobody answered. */
  readonly sensorFlows = new Float64Array(WINDOWS);
  readonly sensorUnanswered = new Float64Array(WINDOWS);
  readonly #hosts: HostTable;
  readonly #pairs: PairTable;
  readonly #flags: Uint8Array;
  readonly #owners: Int32Array;

  constructor(capacity: number, hosts: HostTable, pairs: PairTable) {
    super(capacity, [WINDOW_10S, WINDOW_60S, WINDOW_10MIN, WINDOW_1H]);
    this.#hosts = hosts;
    this.#pairs = pairs;
    this.#flags = new Uint8Array(this.capacity);
    this.#owners = new Int32Array(this.capacity * OWNERS);
  }

  /**
   * A flow starts at `now`; `pair` is -1 for none.
   * @returns the serial number of the start, to be told of an answer
   */
  add(now: number, source: number, destination: number, pair: number, isHandshake: boolean): number {
    const event = this.reserve(now);
    this.#flags[event] = isHandshake ? IS_UNANSWERED | IS_HALF_OPEN : IS_UNANSWERED;
    const owners = this.#owners;
    const at = event * OWNERS;
    owners[at] = source;
    owners[at + 1] = this.#hosts.idOf(source);
    owners[at + 2] = destination;
    owners[at + 3] = this.#hosts.idOf(destination);
    owners[at + 4] = pair;
    owners[at + 5] = pair < 0 ? 0 : this.#pairs.idOf(pair);
    return this.enter(event);
  }

  /** The flow with this start was answered. */
  answered(serial: number): void {
    const event = this.indexOf(serial);
    const first = this.firstWindowWith(serial);
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
    const event = this.indexOf(serial);
    const first = this.firstWindowWith(serial);
    if (first === WINDOWS || (this.#flags[event] & IS_HALF_OPEN) === 0) return;
    this.#flags[event] &= ~IS_HALF_OPEN;
    const owners = this.#owners;
    const at = event * OWNERS;
    for (let window = first; window < WINDOWS; window++) {
      this.#hosts.add(owners[at + 2], owners[at + 3], H_HALF_OPEN + window, -1);
    }
  }

  protected override apply(event: number, window: number, sign: number): void {
    const owners = this.#owners;
    const at = event * OWNERS;
    const flags = this.#flags[event];
    const unanswered = (flags & IS_UNANSWERED) !== 0;
    this.sensorFlows[window] += sign;
    if (unanswered) this.sensorUnanswered[window] += sign;
    const { words, wordStride } = this.#hosts.table;
    const source = owners[at];
    if (this.#hosts.holds(source, owners[at + 1])) {
      const base = source * wordStride + window;
      words[base + H_SOURCE_FLOWS] += sign;
      if (unanswered) words[base + H_SOURCE_UNANSWERED] += sign;
    }
    const destination = owners[at + 2];
    if (this.#hosts.holds(destination, owners[at + 3])) {
      const base = destination * wordStride + window;
      words[base + H_FLOWS] += sign;
      if (unanswered) words[base + H_UNANSWERED] += sign;
      if ((flags & IS_HALF_OPEN) !== 0) words[base + H_HALF_OPEN] += sign;
    }
    const pair = owners[at + 4];
    // Pairs are not counted where no feature asks.
    if (window !== WINDOW_60S && window !== WINDOW_1H) return;
    if (this.#pairs.holds(pair, owners[at + 5])) {
      this.#pairs.table.words[pair * this.#pairs.table.wordStride + P_FLOWS + window] += sign;
    }
  }
}
