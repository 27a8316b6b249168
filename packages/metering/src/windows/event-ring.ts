import { WINDOW_NANOSECONDS } from './window-seconds.ts';

/**
 * The times of a log of events, in their order, behind the counters of some windows. Each window has a hand at its oldest
 * event; an event that a hand passes is to be taken off that window's counters. Counters are therefore exact at every
 * instant, at a constant cost per event. When the ring is full its oldest events leave early.
 *
 * Events have serial numbers; {@link indexOf} says where an event's data are. Windows are named by their place in the list.
 */
export class EventRing {
  /** Events that left before their time because the ring was full. */
  dropped = 0;
  /** Serial number of the next event. */
  #next = 0;
  readonly #widths: readonly number[];
  readonly #mask: number;
  readonly #times: Float64Array;
  /** Serial number of each window's oldest event; a power of two many events fit. */
  readonly #hands: Float64Array;

  /**
   * @param capacity events, rounded up to a power of two
   * @param windows  positions in `WINDOW_SECONDS`, from the shortest to the longest
   */
  constructor(capacity: number, windows: readonly number[]) {
    const size = 2 ** Math.ceil(Math.log2(capacity));
    this.#mask = size - 1;
    this.#widths = windows.map((window) => WINDOW_NANOSECONDS[window]);
    this.#times = new Float64Array(size);
    this.#hands = new Float64Array(windows.length);
  }

  get capacity(): number {
    return this.#mask + 1;
  }

  /** True where an event has to leave before another one can enter. */
  get isFull(): boolean {
    return this.#next - this.#hands[this.#hands.length - 1] > this.#mask;
  }

  /** Adds an event at `now` to all windows, in a ring that is not full. Returns its serial number. */
  add(now: number): number {
    this.#times[this.indexOf(this.#next)] = now;
    return this.#next++;
  }

  /** The index of an event that has left the k-th window at `now`, which then is no longer in it; -1 where none has. */
  leaving(k: number, now: number): number {
    const serial = this.#hands[k];
    if (serial >= this.#next) return -1;
    const event = this.indexOf(serial);
    if (this.#times[event] > now - this.#widths[k]) return -1;
    this.#hands[k] = serial + 1;
    return event;
  }

  /**
   * Lets the oldest event of a full ring leave the k-th window, to be called for each window from the shortest on.
   * @returns the event's index, -1 where it had left that window already
   */
  drop(k: number): number {
    const longest = this.#hands.length - 1;
    const oldest = this.#hands[longest];
    if (k === longest) this.dropped++;
    if (this.#hands[k] !== oldest) return -1;
    this.#hands[k] = oldest + 1;
    return this.indexOf(oldest);
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    for (let serial = this.#hands[this.#hands.length - 1]; serial < this.#next; serial++) {
      this.#times[this.indexOf(serial)] -= shift;
    }
  }

  /** The windows that an event is still in are those from the returned place on; all places out means none. */
  firstWindowWith(serial: number): number {
    const hands = this.#hands;
    let k = 0;
    while (k < hands.length && serial < hands[k]) k++;
    return k;
  }

  indexOf(serial: number): number {
    // Exact for every safe integer: bitwise operators take numbers modulo 2 ** 32.
    return serial & this.#mask;
  }
}
