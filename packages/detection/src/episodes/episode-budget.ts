import { UserError } from '@edgeguard/contracts';
import { logGamma } from '../threshold/incomplete-beta.ts';
import type { EpisodeAlert } from './episode.ts';
import { type EpisodeOptions, EpisodeTracker } from './episode-tracker.ts';

/** How many episodes a threshold would have given. */
export interface EpisodePoint {
  readonly threshold: number;
  /** Episodes in all of the time, at this threshold or any higher one: the monotone envelope. */
  readonly episodes: number;
}

/** A threshold for a number of episodes per day, with the evidence. Print these together. */
export interface EpisodeThreshold {
  readonly threshold: number;
  readonly budgetPerDay: number;
  /** Episodes per day in the replay. */
  readonly expectedPerDay: number;
  /** Upper bound of the true number per day, with `confidence`, for episodes that come independently of each other. */
  readonly boundPerDay: number;
  readonly confidence: number;
  readonly days: number;
  /** From the highest threshold to the lowest. */
  readonly curve: readonly EpisodePoint[];
}

export interface EpisodeBudget {
  readonly perDay: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/** Each threshold that is tried is reached by so many times as many records as the one before. */
const STEP = 1.1;

/**
 * The lowest threshold that keeps a number of episodes per day. The whole alert logic is replayed over calibration records
 * at many thresholds. Fewer alerts can make more episodes (a chain of alerts breaks in two), so the largest number at
 * this or any higher threshold counts. The bound is that of Poisson (Garwood 1936, exact).
 *
 * @param records normal records above some score, in traffic time; `pValue` and `severity` take no part
 * @param days    of traffic that calibration covers, those without a record included
 * @param floor   every record above this score is among `records`; no lower threshold is given
 * @throws UserError when so many days cannot support the budget; it says how many would
 */
export function episodeThreshold(
  records: readonly EpisodeAlert[],
  days: number,
  floor: number,
  budget: EpisodeBudget,
  options: EpisodeOptions = {},
): EpisodeThreshold {
  const { perDay, confidence = 0.95 } = budget;
  if (!(days > 0) || !(perDay > 0)) throw new RangeError('days and episodes per day are positive');
  const neededDays = poissonUpperBound(0, confidence) / perDay;
  if (days < neededDays) {
    throw new UserError(
      'calibration records',
      `${short(days)} days cannot promise at most ${perDay} episodes per day with ${100 * confidence} % confidence: that needs ${short(neededDays)} days`,
      `add ${short(neededDays - days)} days of normal traffic, or accept more episodes`,
    );
  }
  const curve = episodeCurve(records, floor, options);
  const allowed = mostEvents(perDay * days, confidence);
  const kept = curve.findLast(({ episodes }) => episodes <= allowed)!;
  return {
    threshold: kept.threshold,
    budgetPerDay: perDay,
    expectedPerDay: kept.episodes / days,
    boundPerDay: poissonUpperBound(kept.episodes, confidence) / days,
    confidence,
    days,
    curve,
  };
}

/** Episodes by threshold, from the highest score (no alert is above it, so no episode) down to the floor. */
function episodeCurve(records: readonly EpisodeAlert[], floor: number, options: EpisodeOptions): EpisodePoint[] {
  const scores = Float64Array.from(records, ({ score }) => score)
    .sort()
    .toReversed();
  const curve: EpisodePoint[] = [];
  let most = 0;
  const add = (threshold: number): void => {
    most = Math.max(most, countEpisodes(records, threshold, options));
    curve.push({ threshold, episodes: most });
  };
  let last = Number.POSITIVE_INFINITY;
  for (let rank = 0; rank < scores.length; rank = Math.max(rank + 1, Math.floor(rank * STEP))) {
    const score = scores[rank]!;
    if (score < last && score >= floor) add(score);
    last = score;
  }
  if (curve.length === 0 || curve.at(-1)!.threshold > floor) add(floor);
  return curve;
}

function countEpisodes(records: readonly EpisodeAlert[], threshold: number, options: EpisodeOptions): number {
  const tracker = new EpisodeTracker(options);
  let episodes = 0;
  for (const record of records) {
    if (!(record.score > threshold)) continue;
    for (const { kind } of tracker.observe(record)) if (kind === 'open') episodes++;
  }
  return episodes;
}

/** The rate at which so few events or fewer are as unlikely as 1 - confidence. */
export function poissonUpperBound(events: number, confidence: number): number {
  let low = events;
  let high = 2 * events + 20 - 2 * Math.log(1 - confidence);
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (atMost(events, middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** The largest number of events whose upper bound is at most a rate. */
function mostEvents(rate: number, confidence: number): number {
  let low = 0;
  let high = Math.ceil(rate);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (poissonUpperBound(middle, confidence) <= rate) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The chance of at most so many events at a rate. */
function atMost(events: number, rate: number): number {
  let sum = 0;
  for (let k = 0; k <= events; k++) sum += Math.exp(k * Math.log(rate) - rate - logGamma(k + 1));
  return sum;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
