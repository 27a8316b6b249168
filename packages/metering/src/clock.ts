const NANOSECONDS = 1e9;
/** Latest second that int64 nanoseconds can hold (year 2262). */
const LATEST_SECOND = 9_223_372_035;
/** Relative times stay below this (52 days), where doubles hold integers with room to add. */
const LARGEST_RELATIVE = 2 ** 52;

/**
 * A packet so much older than the one before it means that the clock was set back, or that another capture begins: an
 * hour, more than any reordering. A clock that jumps about without end is not followed for ever.
 */
const SET_BACK = 3600 * NANOSECONDS;
const MOST_RESETS = 1000;

/** What {@link TrafficClock.advance} found. */
export const CLOCK_RUNS = 0;
/** The present is so far from the origin that this should move, see {@link TrafficClock.rebase}. */
export const CLOCK_FAR_AHEAD = 1;
/** The clock was set back; to be followed by {@link TrafficClock.reset} once all flows have ended. */
export const CLOCK_SET_BACK = 2;

/**
 * Traffic time. Inside the meter a time is an integer number of nanoseconds since an origin, held in a double, which is
 * exact; the origin is a whole second. Time never runs backwards: a packet that is older than the one before it is taken
 * at the time of that one, and counted. Only where the clock was clearly set back does a new count of time begin, unless
 * that is not wanted.
 */
export class TrafficClock {
  /** The present, relative to the origin; an array so that passing it around allocates nothing. */
  readonly time = new Float64Array(1);
  originSeconds = 0;
  started = false;
  /** Packets whose time was before that of an earlier one. */
  reversals = 0;
  /** Times that the clock was set back. */
  resets = 0;
  /** Packets whose time was not a number or outside 1970 to 2262. */
  outOfRange = 0;
  readonly #mostResets: number;

  /** @param followsSetBacks whether a clock that was set back is followed; otherwise time waits until it has caught up */
  constructor(followsSetBacks = true) {
    this.#mostResets = followsSetBacks ? MOST_RESETS : 0;
  }

  /** Moves to an absolute time. Returns one of CLOCK_*. */
  advance(seconds: number, nanoseconds: number): number {
    if (!isTime(seconds, LATEST_SECOND) || !isTime(nanoseconds, NANOSECONDS - 1)) {
      this.outOfRange++;
      // Where there is no time at all, the present one is the best guess.
      if (this.started) return CLOCK_RUNS;
      seconds = 0;
      nanoseconds = 0;
    }
    if (!this.started) {
      this.started = true;
      this.originSeconds = seconds;
      this.time[0] = nanoseconds;
      return CLOCK_RUNS;
    }
    const relative = (seconds - this.originSeconds) * NANOSECONDS + nanoseconds;
    if (relative < this.time[0]) {
      if (relative <= this.time[0] - SET_BACK && this.resets < this.#mostResets) return CLOCK_SET_BACK;
      this.reversals++;
      return CLOCK_RUNS;
    }
    this.time[0] = relative;
    return relative >= LARGEST_RELATIVE ? CLOCK_FAR_AHEAD : CLOCK_RUNS;
  }

  /** Starts a new count of time at an earlier absolute one. Relative time goes on, so that what is kept stays in order. */
  reset(seconds: number, nanoseconds: number): void {
    this.resets++;
    const elapsed = Math.ceil(this.time[0] / NANOSECONDS);
    this.originSeconds = seconds - elapsed;
    this.time[0] = elapsed * NANOSECONDS + nanoseconds;
  }

  /**
   * Moves the origin to the present second.
   * @returns nanoseconds to subtract from every relative time that is kept
   */
  rebase(seconds: number, nanoseconds: number): number {
    const shift = (seconds - this.originSeconds) * NANOSECONDS;
    this.originSeconds = seconds;
    this.time[0] = nanoseconds;
    return shift;
  }

  /** Whole seconds since the epoch of a relative time. */
  secondsOf(relative: number): number {
    const seconds = Math.floor(relative / NANOSECONDS);
    return this.originSeconds + (seconds * NANOSECONDS > relative ? seconds - 1 : seconds);
  }

  /** Nanoseconds within the second of a relative time. */
  nanosecondsOf(relative: number): number {
    return relative - (this.secondsOf(relative) - this.originSeconds) * NANOSECONDS;
  }
}

function isTime(value: number, largest: number): boolean {
  return value >= 0 && value <= largest && Math.floor(value) === value;
}
