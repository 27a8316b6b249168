import { WINDOW_NANOSECONDS } from './window-seconds.ts';

/**
 * A log of events in order of time behind the counters of some windows. Each window has a hand at its oldest event; an
 * event that a hand passes is taken off that window's counters. Counters are therefore exact at every instant, at a
 * constant cost per event. When the ring is full its oldest events leave early.
 *
 * Events have serial numbers; {@link indexOf} says where an event's data are.
 */
export abstract class EventRing {
  /** Events that left before their time because the ring was full. */
  dropped = 0;
  /** Serial number of the next event. */
  protected next = 0;
  readonly #windows: readonly number[];
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
    this.#windows = windows;
    this.#widths = windows.map((window) => WINDOW_NANOSECONDS[window]);
    this.#times = new Float64Array(size);
    this.#hands = new Float64Array(windows.length);
  }

  get capacity(): number {
    return this.#mask + 1;
  }

  /** Takes events off the windows that they have left at `now`. */
  advance(now: number): void {
    const hands = this.#hands;
    for (let k = 0; k < hands.length; k++) {
      const border = now - this.#widths[k];
      while (hands[k] < this.next) {
        const event = this.indexOf(hands[k]);
        if (this.#times[event] > border) break;
        hands[k]++;
        this.apply(event, this.#windows[k], -1);
      }
    }
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    for (let serial = this.#hands[this.#hands.length - 1]; serial < this.next; serial++) {
      this.#times[this.indexOf(serial)] -= shift;
    }
  }

  /** Makes room for one event at `now` and returns its index. Its data are to be stored before {@link enter}. */
  protected reserve(now: number): number {
    const hands = this.#hands;
    const oldest = hands[hands.length - 1];
    if (this.next - oldest > this.#mask) {
      for (let k = 0; k < hands.length; k++) {
        if (hands[k] !== oldest) continue;
        hands[k]++;
        this.apply(this.indexOf(oldest), this.#windows[k], -1);
      }
      this.dropped++;
    }
    const event = this.indexOf(this.next);
    this.#times[event] = now;
    return event;
  }

  /** Adds the reserved event to all windows and returns its serial number. */
  protected enter(event: number): number {
    for (const window of this.#windows) this.apply(event, window, 1);
    return this.next++;
  }

  /** The windows that an event is still in are those from the returned position on; all positions out means none. */
  protected firstWindowWith(serial: number): number {
    const hands = this.#hands;
    let k = 0;
    while (k < hands.length && serial < hands[k]) k++;
    return k;
  }

  protected indexOf(serial: number): number {
    // Exact for every safe integer: bitwise operators take numbers modulo 2 ** 32.
    return serial & this.#mask;
  }

  /** Adds an event to a window's counters (`sign` 1) or takes it off (-1). */
  protected abstract apply(event: number, window: number, sign: number): void;
}
