import { Episode, type EpisodeAlert, type EpisodeScope, type EpisodeSummary } from './episode.ts';

export interface EpisodeOptions {
  /** An episode closes when it had no alert for so long, in traffic time. Default 300. */
  readonly quietSeconds?: number;
  /** Alerts before an episode is reported. Default 1; one that stays below is counted in `unreported`. */
  readonly reportAfter?: number;
  /** Seconds of traffic time between updates of an open episode. Default: no updates. */
  readonly updateSeconds?: number;
  /** Episodes reported in a minute of traffic time; further ones are folded into one. Default 30. */
  readonly maxOpensPerMinute?: number;
  /** Open episodes; the one that was quiet the longest is closed beyond. Default 1024. */
  readonly maxOpen?: number;
  /** Distinct sources and targets counted for an episode. Default 256. */
  readonly maxPeers?: number;
}

/** Why an episode closed: nothing more came, there was no room for it, or the traffic ended. */
export type CloseReason = 'quiet' | 'evicted' | 'end';

/** What an operator sees of an episode. */
export interface EpisodeEvent {
  readonly kind: 'open' | 'update' | 'close';
  /** Traffic time of the event. */
  readonly time: bigint;
  readonly episode: EpisodeSummary;
  /** For `close`. */
  readonly reason?: CloseReason;
}

const NANOSECONDS = 1_000_000_000n;
const MINUTE = 60n * NANOSECONDS;
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
  /** Alerts that were folded because too many episodes began at once. */
  folded = 0;
  readonly #quiet: bigint;
  readonly #update: bigint | undefined;
  readonly #reportAfter: number;
  readonly #maxOpens: number;
  readonly #maxOpen: number;
  readonly #maxPeers: number;
  /** In the order of their latest alert. */
  readonly #open = new Set<Episode>();
  readonly #bySource = new Map<string, Set<Episode>>();
  readonly #byTarget = new Map<string, Set<Episode>>();
  #overflow: Episode | undefined;
  #now = -(2n ** 62n);
  #nextId = 1;
  /** Traffic times of the latest reports, the oldest first. */
  #opens: bigint[] = [];

  constructor(options: EpisodeOptions = {}) {
    this.#quiet = nanoseconds(options.quietSeconds ?? 300);
    this.#update = options.updateSeconds === undefined ? undefined : nanoseconds(options.updateSeconds);
    this.#reportAfter = options.reportAfter ?? 1;
    this.#maxOpens = options.maxOpensPerMinute ?? 30;
    this.#maxOpen = Math.max(1, options.maxOpen ?? 1024);
    this.#maxPeers = options.maxPeers ?? 256;
  }

  /** Episodes that are open now. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Adds an alert. Returns what is to be reported, in order. Alerts may be slightly out of order in time. */
  observe(alert: EpisodeAlert): EpisodeEvent[] {
    const events = this.advance(alert.time);
    const episode = this.#find(alert) ?? this.#begin(alert, events);
    episode.add(alert);
    this.#open.delete(episode);
    this.#open.add(episode);
    this.#report(episode, events);
    return events;
  }

  /** Lets traffic time pass: closes episodes that have gone quiet. */
  advance(time: bigint): EpisodeEvent[] {
    if (time > this.#now) this.#now = time;
    const events: EpisodeEvent[] = [];
    for (const episode of this.#open) {
      // Later ones had their latest alert later, but for alerts out of order, which wait until their turn.
      if (episode.end + this.#quiet >= this.#now) break;
      this.#close(episode, 'quiet', events);
    }
    return events;
  }

  /** Closes every episode: the traffic has ended. */
  finish(): EpisodeEvent[] {
    const events: EpisodeEvent[] = [];
    for (const episode of this.#open) this.#close(episode, 'end', events);
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

  /** A new episode, or the one that takes what is too much. */
  #begin(alert: EpisodeAlert, events: EpisodeEvent[]): Episode {
    const tooMany = this.#opens.length >= this.#maxOpens && this.#opens[0]! + MINUTE > this.#now;
    if (tooMany) {
      this.folded++;
      this.#overflow ??= this.#create('overflow', alert, events);
      return this.#overflow;
    }
    this.#opens.push(this.#now);
    if (this.#opens.length > this.#maxOpens) this.#opens.shift();
    const episode = this.#create('pair', alert, events);
    insert(this.#bySource, alert.source, episode);
    insert(this.#byTarget, alert.target, episode);
    return episode;
  }

  #create(scope: EpisodeScope, alert: EpisodeAlert, events: EpisodeEvent[]): Episode {
    if (this.#open.size >= this.#maxOpen) {
      const [oldest] = this.#open;
      this.evicted++;
      this.#close(oldest!, 'evicted', events);
    }
    return new Episode(this.#nextId++, scope, alert, this.#maxPeers);
  }

  #report(episode: Episode, events: EpisodeEvent[]): void {
    if (!episode.reported) {
      if (episode.alerts < this.#reportAfter) return;
      episode.reported = true;
      episode.lastEvent = this.#now;
      events.push({ kind: 'open', time: this.#now, episode: episode.summary() });
    } else if (this.#update !== undefined && this.#now - episode.lastEvent >= this.#update) {
      episode.lastEvent = this.#now;
      events.push({ kind: 'update', time: this.#now, episode: episode.summary() });
    }
  }

  #close(episode: Episode, reason: CloseReason, events: EpisodeEvent[]): void {
    this.#open.delete(episode);
    if (episode === this.#overflow) this.#overflow = undefined;
    remove(this.#bySource, episode.firstSource, episode);
    remove(this.#byTarget, episode.firstTarget, episode);
    if (episode.reported) events.push({ kind: 'close', time: this.#now, episode: episode.summary(), reason });
    else this.unreported += episode.alerts;
  }
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
