/** 1 is the most severe. */
export type EpisodeSeverity = 1 | 2 | 3;

/** What an episode needs to know of an alert. */
export interface EpisodeAlert {
  /** Traffic time, nanoseconds since the Unix epoch. */
  readonly time: bigint;
  /** Who acts and who is acted upon: addresses, or any other identities. */
  readonly source: string;
  readonly target: string;
  readonly score: number;
  readonly pValue: number;
  readonly severity: EpisodeSeverity;
  /** Features that made the row anomalous, the largest share first. */
  readonly causes: readonly string[];
  /** Type of finding, where it is known. May be worked out when it is read: episodes read no more than they need. */
  readonly finding?: string | undefined;
  /** False where too few of the source's latest records were above the threshold to tell anybody. Default true. */
  readonly confirmed?: boolean;
}

/**
 * What the alerts of an episode have in common: both ends, the source alone (it went for several targets), the target
 * alone (several sources went for it), or nothing but that more episodes began at once than anybody could read.
 */
export type EpisodeScope = 'pair' | 'source' | 'target' | 'overflow';

/** An episode as far as it is known. */
export interface EpisodeSummary {
  /** Counts from 1 in the order of opening. */
  readonly id: number;
  readonly scope: EpisodeScope;
  /** Absent where there are several. */
  readonly source?: string;
  readonly target?: string;
  /** Traffic time of the first and of the latest alert. */
  readonly start: bigint;
  readonly end: bigint;
  readonly alerts: number;
  /** Episodes that were folded into this one since there were too many to tell of; 0 unless it is an overflow. */
  readonly folded: number;
  /** Distinct ends seen; exact up to the tracker's cap, which they do not exceed. */
  readonly sources: number;
  readonly targets: number;
  readonly maxScore: number;
  readonly minPValue: number;
  readonly severity: EpisodeSeverity;
  /** Features named the most often, at most five. */
  readonly causes: readonly string[];
  /** The finding named the most often, by the alerts that were asked: the first hundred, and one in ten from then on. */
  readonly finding?: string;
}

/** Alerts and seconds from which on an episode is one level more severe than its worst alert. */
const PERSISTENT_ALERTS = 10;
const PERSISTENT_NANOSECONDS = 60_000_000_000n;
const NAMED_CAUSES = 5;
/** Distinct causes and findings that are counted. */
const MAX_COUNTED = 64;
/**
 * The findings of so many alerts of an episode are counted one by one; of those that follow one in `THINNING`, for all of
 * them. What a flood looks like is settled long before it ends, and a finding costs scoring the row several times.
 */
const ALL_FINDINGS = 100;
const THINNING = 10;
/** Of an alert's causes, those that decide whether it belongs to an episode. */
const DECIDING_CAUSES = 3;

/** An open episode. */
export class Episode {
  readonly id: number;
  scope: EpisodeScope;
  readonly firstAlert: EpisodeAlert;
  start: bigint;
  /** Traffic time of the latest alert. */
  end: bigint;
  /** Traffic time at which it was last known to go on: that of the latest alert, or of a record that nearly was one. */
  lastSeen: bigint;
  alerts = 0;
  folded = 0;
  /** False while there were too few alerts to tell anybody. */
  reported = false;
  /** The severity that was told last. */
  told: EpisodeSeverity = 3;
  /** Traffic time of the latest event about it. */
  lastEvent: bigint;
  readonly #sources = new Set<string>();
  readonly #targets = new Set<string>();
  readonly #causes = new Map<string, number>();
  readonly #findings = new Map<string, number>();
  readonly #maxPeers: number;
  #maxScore = Number.NEGATIVE_INFINITY;
  #minPValue = 1;
  #severity: EpisodeSeverity = 3;

  constructor(id: number, scope: EpisodeScope, first: EpisodeAlert, maxPeers: number) {
    this.id = id;
    this.scope = scope;
    // A copy: what works a finding out may hold much more than the alert.
    this.firstAlert = { ...first, finding: first.finding };
    this.start = first.time;
    this.end = first.time;
    this.lastSeen = first.time;
    this.lastEvent = first.time;
    this.#maxPeers = maxPeers;
  }

  get firstSource(): string {
    return this.firstAlert.source;
  }

  get firstTarget(): string {
    return this.firstAlert.target;
  }

  add(alert: EpisodeAlert): void {
    this.alerts++;
    if (alert.time < this.start) this.start = alert.time;
    if (alert.time > this.end) this.end = alert.time;
    this.sustain(alert.time);
    addUpTo(this.#sources, alert.source, this.#maxPeers);
    addUpTo(this.#targets, alert.target, this.#maxPeers);
    for (const cause of alert.causes.slice(0, DECIDING_CAUSES)) count(this.#causes, cause);
    this.#countFinding(alert);
    this.#maxScore = Math.max(this.#maxScore, alert.score);
    this.#minPValue = Math.min(this.#minPValue, alert.pValue);
    if (alert.severity < this.#severity) this.#severity = alert.severity;
  }

  #countFinding(alert: EpisodeAlert): void {
    const isSettled = this.alerts > ALL_FINDINGS;
    if (isSettled && this.alerts % THINNING !== 0) return;
    const { finding } = alert;
    if (finding !== undefined) count(this.#findings, finding, isSettled ? THINNING : 1);
  }

  /** It still went on at this time. */
  sustain(time: bigint): void {
    if (time > this.lastSeen) this.lastSeen = time;
  }

  /** Takes all that another episode has counted. */
  absorb(other: Episode): void {
    this.alerts += other.alerts;
    this.folded += 1 + other.folded;
    if (other.start < this.start) this.start = other.start;
    if (other.end > this.end) this.end = other.end;
    this.sustain(other.lastSeen);
    for (const source of other.#sources) addUpTo(this.#sources, source, this.#maxPeers);
    for (const target of other.#targets) addUpTo(this.#targets, target, this.#maxPeers);
    for (const [cause, times] of other.#causes) count(this.#causes, cause, times);
    for (const [finding, times] of other.#findings) count(this.#findings, finding, times);
    this.#maxScore = Math.max(this.#maxScore, other.#maxScore);
    this.#minPValue = Math.min(this.#minPValue, other.#minPValue);
    if (other.#severity < this.#severity) this.#severity = other.#severity;
  }

  /** That of its most severe alert, and one level more for an episode that lasts. */
  get severity(): EpisodeSeverity {
    const persistent = this.alerts >= PERSISTENT_ALERTS && this.end - this.start >= PERSISTENT_NANOSECONDS;
    return (persistent ? Math.max(1, this.#severity - 1) : this.#severity) as EpisodeSeverity;
  }

  /** True where an alert has a cause or its finding in common with what was seen so far. */
  resembles(alert: EpisodeAlert): boolean {
    if (alert.causes.slice(0, DECIDING_CAUSES).some((cause) => this.#causes.has(cause))) return true;
    const { finding } = alert;
    return finding !== undefined && this.#findings.has(finding);
  }

  summary(): EpisodeSummary {
    const finding = mostFrequent(this.#findings, 1)[0];
    return {
      id: this.id,
      scope: this.scope,
      ...(this.scope === 'pair' || this.scope === 'source' ? { source: this.firstSource } : {}),
      ...(this.scope === 'pair' || this.scope === 'target' ? { target: this.firstTarget } : {}),
      start: this.start,
      end: this.end,
      alerts: this.alerts,
      folded: this.folded,
      sources: this.#sources.size,
      targets: this.#targets.size,
      maxScore: this.#maxScore,
      minPValue: this.#minPValue,
      severity: this.severity,
      causes: mostFrequent(this.#causes, NAMED_CAUSES),
      ...(finding === undefined ? {} : { finding }),
    };
  }
}

function addUpTo(set: Set<string>, value: string, limit: number): void {
  if (set.size < limit) set.add(value);
}

function count(counts: Map<string, number>, key: string, times = 1): void {
  const before = counts.get(key);
  if (before === undefined && counts.size >= MAX_COUNTED) return;
  counts.set(key, (before ?? 0) + times);
}

/** The keys with the largest counts; of equal ones the first seen. */
function mostFrequent(counts: ReadonlyMap<string, number>, limit: number): string[] {
  return [...counts.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([key]) => key);
}
