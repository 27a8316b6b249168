/** Traffic time, shared by all that make traffic. */
export class Clock {
  /** Whole microseconds since the start of the capture. */
  microseconds = 0;

  /** Seconds since the start of the capture. */
  get seconds(): number {
    return this.microseconds / 1e6;
  }
}
