const NANOSECONDS = 1e9;
/** Latest second that int64 nanoseconds can hold (year 2262). */
const LATEST_SECOND = 9_223_372_035;
/** Relative times stay below this (52 days), where doubles hold integers with room to add. */
const LARGEST_RELATIVE = 2 ** 52;

/**
 * Traffic time. Inside the meter a time is an integer number of nanoseconds since an origin, held in a double, which is
 * exact; the origin is a whole second. Time never runs backwards: a packet that is older than the one before it is taken
 * at the time of that one, and counted.
 */
export class TrafficClock {
  /** The present, relative to the origin; an array so that passing it around allocates nothing. */
  readonly time = new Float64Array(1);
  originSeconds = 0;
  started = false;
  /** Packets whose time was before that of an earlier one. */
  reversals = 0;
  /** Packets whose time was not a number or outside 1970 to 2262. */
  outOfRange = 0;

  /** Moves to an absolute time. Returns true if the origin should move, see {@link rebase}. */
  advance(seconds: number, nanoseconds: number): boolean {
    if (!(seconds >= 0 && seconds <= LATEST_SECOND && nanoseconds >= 0 && nanoseconds < NANOSECONDS)) {
      this.outOfRange++;
      // Where there is no time at all, the present one is the best guess.
      if (this.started) return false;
      seconds = 0;
      nanoseconds = 0;
    }
    if (!this.started) {
      this.started = true;
      this.originSeconds = seconds;
      this.time[0] = nanoseconds;
      return false;
    }
    const relative = (seconds - this.originSeconds) * NANOSECONDS + nanoseconds;
    if (relative < this.time[0]) {
      this.reversals++;
      return false;
    }
    this.time[0] = relative;
    return relative >= LARGEST_RELATIVE;
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
