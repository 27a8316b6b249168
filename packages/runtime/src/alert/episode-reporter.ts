import { type EpisodeAlert, type EpisodeEvent, type EpisodeOptions, EpisodeTracker } from '@edgeguard/detection';
import type { Alert, Severity } from './alert.ts';
import type { Sighting } from './sighting.ts';

/**
 * Joins sightings into episodes and passes on an alert for each event: that of the record with which an episode opens, that
 * of the record which made it more severe, and when it closes the opening one again, each as it was, with what has come
 * since. The alerts of the closing ones, and those that stayed unreported, add up to the records above the threshold.
 */
export class EpisodeReporter {
  /** Episodes that were told of, overflows included. */
  episodes = 0;
  readonly #pass: (alert: Alert) => void;
  readonly #options: EpisodeOptions;
  #tracker: EpisodeTracker;
  /** The alerts with which the open episodes began: as many as the tracker keeps open. */
  readonly #opening = new Map<number, Alert>();
  /** Highest identifier of this stream, and of all streams before it. */
  #highest = 0;
  #before = 0;
  /** The opening alert of the episode that was folded last. */
  #folded: Alert | undefined;
  #past = { unreported: 0, evicted: 0, folded: 0, heldUpdates: 0 };

  /** @param pass takes the alerts that are to be seen */
  constructor(pass: (alert: Alert) => void, options: EpisodeOptions = {}) {
    this.#pass = pass;
    this.#options = options;
    this.#tracker = new EpisodeTracker(options);
  }

  /** Alerts of episodes that nobody was told of, of episodes that were folded, episodes evicted, updates held back. */
  get counts(): { unreported: number; evicted: number; folded: number; heldUpdates: number } {
    const { unreported, evicted, folded, heldUpdates } = this.#tracker;
    return {
      unreported: this.#past.unreported + unreported,
      evicted: this.#past.evicted + evicted,
      folded: this.#past.folded + folded,
      heldUpdates: this.#past.heldUpdates + heldUpdates,
    };
  }

  add(sighting: Sighting): void {
    const events = this.#tracker.observe(new Observed(sighting));
    for (const event of events) this.#report(event, sighting);
  }

  /** A record of these ends lies just below the threshold. */
  sustain(time: bigint, source: string, target: string): void {
    for (const event of this.#tracker.sustain(time, source, target)) this.#report(event);
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
    this.#past = this.counts;
    this.#tracker = new EpisodeTracker(this.#options);
  }

  #report({ kind, episode, time }: EpisodeEvent, sighting?: Sighting): void {
    const { id, severity } = episode;
    this.#highest = Math.max(this.#highest, id);
    if (kind === 'open') {
      // An overflow begins with the episode that was folded just before, if it was reported.
      const first = (episode.scope === 'overflow' ? this.#folded : undefined) ?? sighting?.alert();
      if (first) this.#opening.set(id, first);
      this.episodes++;
    }
    const opening = this.#opening.get(id);
    if (kind === 'close' || kind === 'fold') this.#opening.delete(id);
    this.#folded = kind === 'fold' ? opening : undefined;
    if (kind === 'fold' || !opening) return;
    // An update that the latest record caused shows that record.
    const shown = kind === 'update' && sighting ? sighting.alert() : opening;
    this.#pass({ ...shown, time, severity, episode: { ...episode, id: id + this.#before, state: kind } });
  }
}

/** A sighting as the tracker sees it. A class, since an object with a getter of its own is slow to make. */
class Observed implements EpisodeAlert {
  readonly time: bigint;
  readonly source: string;
  readonly target: string;
  readonly score: number;
  readonly pValue: number;
  readonly severity: Severity;
  readonly causes: readonly string[];
  readonly confirmed: boolean;
  readonly #sighting: Sighting;

  constructor(sighting: Sighting) {
    const { time, flow } = sighting.subject;
    this.time = time;
    this.source = flow?.source.address ?? '';
    this.target = flow?.destination.address ?? '';
    this.score = sighting.score;
    this.pValue = sighting.pValue;
    this.severity = sighting.severity;
    this.causes = sighting.causes;
    this.confirmed = sighting.confirmed;
    this.#sighting = sighting;
  }

  get finding(): string | undefined {
    const { type } = this.#sighting.finding;
    return type === 'unknown' ? undefined : type;
  }
}
