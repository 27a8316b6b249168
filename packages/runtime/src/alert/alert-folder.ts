import type { Alert, Severity } from './alert.ts';

const NANOSECONDS = 1e9;

/** One period of a source and a destination, from an alert that was passed on. */
interface Period {
  readonly ends: bigint;
  readonly source: string;
  readonly destination: string;
  /** Severity of the first alert. */
  readonly severity: Severity;
  /** A more severe one was passed on already. */
  escalated: boolean;
  folded: number;
  /** The most severe of those that were not passed on, of equals the one with the highest score. */
  highest: Alert | undefined;
}

/**
 * Keeps a flood of alerts readable. The first alert of a source is passed on; for some seconds of traffic time those with
 * the same source or the same destination are folded, but for the first that is more severe; then the highest of them is
 * passed on and says for how many it stands. So a source gives at most three alerts in a period, and the numbers they stand for
 * add up to the records above the threshold.
 */
export class AlertFolder {
  readonly #length: bigint;
  readonly #capacity: number;
  readonly #pass: (alert: Alert) => void;
  /** In the order in which periods begin, which is the order in which they end. */
  readonly #bySource = new Map<string, Period>();
  readonly #byDestination = new Map<string, Period>();

  /**
   * @param seconds  length of a period, traffic time
   * @param capacity most periods at a time; beyond, the oldest ends early
   * @param pass     takes the alerts that are to be seen
   */
  constructor(seconds: number, capacity: number, pass: (alert: Alert) => void) {
    this.#length = BigInt(Math.round(seconds * NANOSECONDS));
    this.#capacity = capacity;
    this.#pass = pass;
  }

  add(alert: Alert): void {
    this.advance(alert.time);
    const source = alert.flow.source.address;
    const destination = alert.flow.destination.address;
    const period = this.#bySource.get(source) ?? this.#byDestination.get(destination);
    if (!period) {
      this.#begin(alert, source, destination);
    } else if (alert.severity < period.severity && !period.escalated) {
      period.escalated = true;
      this.#pass({ ...alert, standsFor: 1 });
    } else {
      period.folded++;
      if (!period.highest || isHigher(alert, period.highest)) period.highest = alert;
    }
  }

  /** Ends the periods that are over at a traffic time. */
  advance(time: bigint): void {
    for (const period of this.#bySource.values()) {
      if (period.ends > time) return;
      this.#end(period);
    }
  }

  /** The traffic has ended: passes on what is folded still. */
  close(): void {
    for (const period of this.#bySource.values()) this.#end(period);
  }

  #begin(alert: Alert, source: string, destination: string): void {
    if (this.#bySource.size >= this.#capacity) {
      for (const oldest of this.#bySource.values()) {
        this.#end(oldest);
        break;
      }
    }
    const period: Period = {
      ends: alert.time + this.#length,
      source,
      destination,
      severity: alert.severity,
      escalated: false,
      folded: 0,
      highest: undefined,
    };
    this.#bySource.set(source, period);
    this.#byDestination.set(destination, period);
    this.#pass({ ...alert, standsFor: 1 });
  }

  #end(period: Period): void {
    this.#bySource.delete(period.source);
    if (this.#byDestination.get(period.destination) === period) this.#byDestination.delete(period.destination);
    if (period.highest) this.#pass({ ...period.highest, standsFor: period.folded });
  }
}

function isHigher(one: Alert, other: Alert): boolean {
  return one.severity === other.severity ? one.score > other.score : one.severity < other.severity;
}
