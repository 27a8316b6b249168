import { type EpisodeEvent, EpisodeTracker } from '@edgeguard/detection';
import type { Alert } from './alert.ts';

/**
 * Joins alerts into episodes and passes on two alerts for each: the one with which it opens, and when it closes that one
 * again with what has come since. The counts of the closing ones add up to the records above the threshold.
 */
export class EpisodeReporter {
  readonly #pass: (alert: Alert) => void;
  #tracker = new EpisodeTracker();
  /** The alerts with which the open episodes began: as many as the tracker keeps open. */
  readonly #opening = new Map<number, Alert>();
  /** Highest identifier of this stream, and of all streams before it. */
  #highest = 0;
  #before = 0;

  /** @param pass takes the alerts that are to be seen */
  constructor(pass: (alert: Alert) => void) {
    this.#pass = pass;
  }

  add(alert: Alert): void {
    const events = this.#tracker.observe({
      time: alert.time,
      source: alert.flow.source.address,
      target: alert.flow.destination.address,
      score: alert.score,
      pValue: alert.pValue,
      severity: alert.severity,
      causes: alert.contributions.map(({ feature }) => feature),
      finding: alert.finding.type,
    });
    for (const event of events) {
      if (event.kind === 'open') this.#opening.set(event.episode.id, alert);
      this.#report(event);
    }
  }

  /** Lets traffic time pass: closes episodes that have gone quiet. */
  advance(time: bigint): void {
    for (const event of this.#tracker.advance(time)) this.#report(event);
  }

  /** The traffic has ended, and with it all episodes. Another stream of traffic may follow. */
  finish(): void {
    for (const event of this.#tracker.finish()) this.#report(event);
    this.#opening.clear();
    // Identifiers go on counting: those of one run are never used twice.
    this.#before += this.#highest;
    this.#highest = 0;
    this.#tracker = new EpisodeTracker();
  }

  #report(event: EpisodeEvent): void {
    const { id, severity } = event.episode;
    const opening = this.#opening.get(id);
    if (!opening) return;
    this.#highest = Math.max(this.#highest, id);
    if (event.kind === 'close') this.#opening.delete(id);
    this.#pass({
      ...opening,
      time: event.time,
      severity,
      episode: { ...event.episode, id: id + this.#before, state: event.kind },
    });
  }
}
