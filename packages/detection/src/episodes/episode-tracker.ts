import { Episode, type EpisodeAlert, type EpisodeScope, type EpisodeSummary } from './episode.ts';

export interface EpisodeOptions {
  /** An episode closes when it had no alert for so long, in traffic time. Default 300. */
  readonly quietSeconds?: number;
  /** Alerts before an episode is reported. Default 1; one that stays below is counted in `unreported`. */
  readonly reportAfter?: number;
  /** Seconds of traffic time between updates of an open episode. Default: no updates. */
  readonly updateSeconds?: number;
  /** Events in any minute of traffic time, at least 4; episodes beyond are folded into one. Default 60. */
  readonly maxEventsPerMinute?: number;
  /** Open episodes beside the overflow; the one that was quiet the longest is closed beyond. Default 1024. */
  readonly maxOpen?: number;
  /** Distinct sources and targets counted for an episode. Default 256. */
  readonly maxPeers?: number;
}

/** Why an episode closed: nothing more came, there was no room for it, or the traffic ended. */
export type CloseReason = 'quiet' | 'evicted' | 'end';

/**
 * What happens to an episode. An operator sees `open`, `update` (it became more severe, or time for news has passed) and
 * `close`. `fold` is for bookkeeping: an episode that was reported closes as a part of the overflow.
 */
export interface EpisodeEvent {
  readonly kind: 'open' | 'update' | 'close' | 'fold';
  /** Traffic time of the event. */
  readonly time: bigint;
  readonly episode: EpisodeSummary;
  /** For `close`. */
  readonly reason?: CloseReason;
}

const NANOSECONDS = 1_000_000_000n;
const MINUTE = 60n * NANOSECONDS;
/** Events of a minute that are left to the overflow: its opening and its end. */
const RESERVED = 2;
/** Open episodes of one source or target that are told apart by their causes. */
const MAX_PER_END = 8;

/**
 * Joins alerts that belong together into episodes, in traffic time. An alert belongs to an open episode of the same pair,
 * else of the same source, else of the same target, where it resembles what was seen there (a cause or the finding in
 * common). An episode of a pair becomes one of its source when a second target comes, and one of its target when a second
 * source does. Every alert is counted in exactly one episode: the alerts of all closed episodes and `unreported` ones add
 * up to those observed. Same alerts, same episodes.
 */
export class EpisodeTracker {
  /** Alerts of episodes that closed before they were reported. */
  unreported = 0;
  /** Episodes closed for want of room. */
  evicted = 0;
  /** Alerts that were folded because too many episodes began or ended at once. */
  folded = 0;
  /** Updates that were not told because there was too much to tell. */
  heldUpdates = 0;
  readonly #quiet: bigint;
  readonly #update: bigint | undefined;
  readonly #reportAfter: number;
  readonly #maxEvents: number;
  readonly #maxOpen: number;
  readonly #maxPeers: number;
  /** In the order of their latest alert. */
  readonly #open = new Set<Episode>();
  readonly #bySource = new Map<string, Set<Episode>>();
  readonly #byTarget = new Map<string, Set<Episode>>();
  #overflow: Episode | undefined;
  #now = -(2n ** 62n);
  #nextId = 1;
  /** Traffic times of the events of the last minute, the oldest first. */
  #recent: bigint[] = [];

  constructor(options: EpisodeOptions = {}) {
    this.#quiet = nanoseconds(options.quietSeconds ?? 300);
    this.#update = options.updateSeconds === undefined ? undefined : nanoseconds(options.updateSeconds);
    this.#reportAfter = options.reportAfter ?? 1;
    this.#maxEvents = Math.max(2 * RESERVED, options.maxEventsPerMinute ?? 60);
    this.#maxOpen = Math.max(1, options.maxOpen ?? 1024);
    this.#maxPeers = options.maxPeers ?? 256;
  }

  /** Episodes that are open now, beside the overflow. */
  get openCount(): number {
    return this.#open.size - (this.#overflow === undefined ? 0 : 1);
  }

  /** Adds an alert. Returns what is to be reported, in order. Alerts may be slightly out of order in time. */
  observe(alert: EpisodeAlert): EpisodeEvent[] {
    const events = this.advance(alert.time);
    const episode = this.#find(alert) ?? this.#begin(alert, events);
    episode.add(alert);
    this.#moveToEnd(episode);
    this.#report(episode, alert.confirmed ?? true, events);
    return events;
  }

  /**
   * A record of these ends lies just below the threshold: the episodes that it belongs to go on, so that a score that
   * hovers around the threshold does not end and begin an episode again and again.
   */
  sustain(time: bigint, source: string, target: string): EpisodeEvent[] {
    const events = this.advance(time);
    for (const episode of [...(this.#bySource.get(source) ?? []), ...(this.#byTarget.get(target) ?? [])]) {
      const isPart =
        (episode.scope !== 'target' || episode.firstTarget === target) &&
        (episode.scope !== 'source' || episode.firstSource === source) &&
        (episode.scope !== 'pair' || (episode.firstSource === source && episode.firstTarget === target));
      if (!isPart) continue;
      episode.sustain(time);
      this.#moveToEnd(episode);
    }
    return events;
  }

  /**
   * Lets traffic time pass: closes episodes that have gone quiet, each at the time at which it did, so that it does not matter how
   * often time is told to pass.
   */
  advance(time: bigint): EpisodeEvent[] {
    const until = later(time, this.#now);
    const events: EpisodeEvent[] = [];
    for (const episode of this.#open) {
      if (episode === this.#overflow) continue;
      const due = episode.lastSeen + this.#quiet;
      // Later ones had their latest alert later, but for alerts out of order, which wait until their turn.
      if (due >= until) break;
      this.#closeOverflow(due, events);
      this.#now = later(due, this.#now);
      this.#close(episode, 'quiet', events);
    }
    this.#closeOverflow(until, events);
    this.#now = until;
    return events;
  }

  /** Closes every episode: the traffic has ended. */
  finish(): EpisodeEvent[] {
    const events: EpisodeEvent[] = [];
    for (const episode of this.#open) if (episode !== this.#overflow) this.#close(episode, 'end', events);
    // Last, since it takes those that are too many.
    if (this.#overflow) this.#close(this.#overflow, 'end', events);
    return events;
  }

  #find(alert: EpisodeAlert): Episode | undefined {
    const sameSource = this.#bySource.get(alert.source);
    const sameTarget = this.#byTarget.get(alert.target);
    const pair = first(sameSource, (e) => e.scope === 'pair' && e.firstTarget === alert.target && e.resembles(alert));
    if (pair) return pair;
    const source = first(sameSource, (episode) => episode.resembles(alert));
    if (source) return this.#widen(source, 'source', this.#byTarget, source.firstTarget);
    const target = first(sameTarget, (episode) => episode.resembles(alert));
    if (target) return this.#widen(target, 'target', this.#bySource, target.firstSource);
    // Too many kinds of alerts about one end to tell apart: the one that waited the longest takes the rest.
    const [anySource] = (sameSource?.size ?? 0) >= MAX_PER_END ? sameSource! : [];
    if (anySource) return this.#widen(anySource, 'source', this.#byTarget, anySource.firstTarget);
    const [anyTarget] = (sameTarget?.size ?? 0) >= MAX_PER_END ? sameTarget! : [];
    if (anyTarget) return this.#widen(anyTarget, 'target', this.#bySource, anyTarget.firstSource);
    return undefined;
  }

  #widen(episode: Episode, scope: EpisodeScope, other: Map<string, Set<Episode>>, key: string): Episode {
    if (episode.scope === 'pair') {
      episode.scope = scope;
      remove(other, key, episode);
    }
    return episode;
  }

  #begin(alert: EpisodeAlert, events: EpisodeEvent[]): Episode {
    if (this.openCount >= this.#maxOpen) {
      const oldest = first(this.#open, (each) => each !== this.#overflow)!;
      this.evicted++;
      this.#close(oldest, 'evicted', events);
    }
    const episode = new Episode(this.#nextId++, 'pair', alert, this.#maxPeers);
    insert(this.#bySource, alert.source, episode);
    insert(this.#byTarget, alert.target, episode);
    return episode;
  }

  #report(episode: Episode, confirmed: boolean, events: EpisodeEvent[]): void {
    if (!episode.reported) {
      if (!confirmed || episode.alerts < this.#reportAfter) return;
      if (this.#hasRoom(RESERVED)) {
        episode.reported = true;
        this.#tell('open', episode, events);
      } else {
        this.#fold(episode, events);
      }
      return;
    }
    const isDue = this.#update !== undefined && this.#now - episode.lastEvent >= this.#update;
    if (!isDue && episode.severity >= episode.told) return;
    if (this.#hasRoom(RESERVED)) this.#tell('update', episode, events);
    else this.heldUpdates++;
  }

  #close(episode: Episode, reason: CloseReason, events: EpisodeEvent[]): void {
    if (episode === this.#overflow) this.#overflow = undefined;
    else if (episode.reported && !this.#hasRoom(RESERVED)) {
      this.#fold(episode, events);
      return;
    }
    this.#forget(episode);
    if (episode.reported) this.#tell('close', episode, events, reason);
    else this.unreported += episode.alerts;
  }

  /** Closes the overflow where it has gone quiet before a time, and there is room: another one may have to begin, and end, at once. */
  #closeOverflow(until: bigint, events: EpisodeEvent[]): void {
    if (!this.#overflow) return;
    const tooMany = this.#recent.length + RESERVED - this.#maxEvents;
    const room = tooMany < 0 ? this.#now : this.#recent[tooMany]! + MINUTE;
    const due = later(this.#overflow.lastSeen + this.#quiet, room);
    if (due >= until) return;
    this.#now = later(due, this.#now);
    this.#close(this.#overflow, 'quiet', events);
  }

  /** There is more to tell than anybody could read: the overflow takes the episode. */
  #fold(episode: Episode, events: EpisodeEvent[]): void {
    this.folded += episode.alerts;
    this.#forget(episode);
    if (episode.reported) events.push({ kind: 'fold', time: this.#now, episode: episode.summary() });
    const begins = this.#overflow === undefined;
    this.#overflow ??= new Episode(this.#nextId++, 'overflow', episode.firstAlert, this.#maxPeers);
    this.#overflow.absorb(episode);
    this.#moveToEnd(this.#overflow);
    if (!begins) return;
    this.#overflow.reported = true;
    this.#tell('open', this.#overflow, events);
  }

  #tell(kind: 'open' | 'update' | 'close', episode: Episode, events: EpisodeEvent[], reason?: CloseReason): void {
    episode.lastEvent = this.#now;
    episode.told = episode.severity;
    this.#recent.push(this.#now);
    events.push({ kind, time: this.#now, episode: episode.summary(), ...(reason === undefined ? {} : { reason }) });
  }

  /** Whether another event fits into the last minute, beside so many that are kept free. */
  #hasRoom(reserved: number): boolean {
    while (this.#recent.length > 0 && this.#recent[0]! + MINUTE <= this.#now) this.#recent.shift();
    return this.#recent.length + reserved < this.#maxEvents;
  }

  #moveToEnd(episode: Episode): void {
    this.#open.delete(episode);
    this.#open.add(episode);
  }

  #forget(episode: Episode): void {
    this.#open.delete(episode);
    remove(this.#bySource, episode.firstSource, episode);
    remove(this.#byTarget, episode.firstTarget, episode);
  }
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function nanoseconds(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}

function first(episodes: ReadonlySet<Episode> | undefined, test: (episode: Episode) => boolean): Episode | undefined {
  for (const episode of episodes ?? []) if (test(episode)) return episode;
  return undefined;
}

function insert(index: Map<string, Set<Episode>>, key: string, episode: Episode): void {
  const episodes = index.get(key);
  if (episodes) episodes.add(episode);
  else index.set(key, new Set([episode]));
}

function remove(index: Map<string, Set<Episode>>, key: string, episode: Episode): void {
  const episodes = index.get(key);
  episodes?.delete(episode);
  if (episodes?.size === 0) index.delete(key);
}
