/** How active people are by hour of the day (UTC), as a share of the busiest hour. */
const WORKDAY = [
  0.1, 0.06, 0.04, 0.03, 0.04, 0.08, 0.25, 0.5, 0.65, 0.75, 0.8, 0.8, 0.7, 0.75, 0.8, 0.8, 0.75, 0.7, 0.75, 0.9, 1,
  0.95, 0.65, 0.3,
];
const WEEKEND = [
  0.2, 0.12, 0.07, 0.04, 0.03, 0.04, 0.08, 0.18, 0.35, 0.55, 0.65, 0.7, 0.7, 0.65, 0.65, 0.65, 0.7, 0.75, 0.85, 0.95, 1,
  1, 0.8, 0.45,
];
const SECONDS_PER_HOUR = 3600;
const HOURS_PER_WEEK = 168;
/** 1970-01-01 was a Thursday; the week here begins on Monday. */
const HOURS_TO_MONDAY = 72;

/** The daily and weekly rhythm of people, linear between full hours. */
export class Rhythm {
  readonly #startSeconds: number;
  readonly #hours: readonly number[];

  constructor(startSeconds: number) {
    this.#startSeconds = startSeconds;
    this.#hours = Array.from({ length: 7 }, (_, day) => (day < 5 ? WORKDAY : WEEKEND)).flat();
  }

  /** Share of the busiest hour's activity, `now` seconds after the start of the capture. */
  at(now: number): number {
    const hours = (this.#startSeconds + now) / SECONDS_PER_HOUR + HOURS_TO_MONDAY;
    const whole = Math.floor(hours);
    const part = hours - whole;
    const here = this.#hours[whole % HOURS_PER_WEEK];
    const next = this.#hours[(whole + 1) % HOURS_PER_WEEK];
    return here + (next - here) * part;
  }

  /** Hour of the day, 0..24, UTC. */
  hourOfDay(now: number): number {
    return ((this.#startSeconds + now) / SECONDS_PER_HOUR) % 24;
  }
}
