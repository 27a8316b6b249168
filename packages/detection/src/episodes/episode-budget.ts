import { counted, type EpisodeCurveDocument, UserError } from '@edgeguard/contracts';
import { logGamma } from '../threshold/incomplete-beta.ts';
import type { EpisodeAlert } from './episode.ts';
import { type EpisodeOptions, EpisodeTracker } from './episode-tracker.ts';

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
}

export interface EpisodeBudget {
  readonly perDay: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/** Each threshold that is tried is reached by so many times as many records as the one before. */
const STEP = 1.1;

/**
 * The lowest threshold that keeps a number of episodes per day. The bound is that of Poisson (Garwood 1936, exact).
 *
 * @param place the detector's name, for the error
 * @throws UserError when so many days cannot support the budget; it says how many would
 */
export function episodeThreshold(
  curve: EpisodeCurveDocument,
  budget: EpisodeBudget,
  place = 'calibration records',
): EpisodeThreshold {
  const { perDay, confidence = 0.95 } = budget;
  const { days, thresholds, episodes } = curve;
  if (!(perDay > 0)) throw new RangeError('episodes per day are positive');
  const neededDays = poissonUpperBound(0, confidence) / perDay;
  if (days < neededDays) {
    throw new UserError(
      place,
      `${short(days)} days of calibration traffic cannot promise at most ${counted(perDay, 'episode', short(perDay))} per day with ${short(100 * confidence)} % confidence: that needs ${short(neededDays)} days`,
      `add ${short(neededDays - days)} days of normal traffic, or accept more episodes`,
    );
  }
  const allowed = mostEvents(perDay * days, confidence);
  // The first threshold has no record above it, hence no episode.
  const kept = episodes.findLastIndex((count) => count <= allowed);
  return {
    threshold: thresholds[kept]!,
    budgetPerDay: perDay,
    ...episodesAt(curve, kept, confidence),
    confidence,
    days,
  };
}

/**
 * Episodes per day at any threshold, with the bound; undefined below the lowest one of the curve. Between two thresholds
 * of the curve the lower one counts.
 */
export function episodesPerDay(
  curve: EpisodeCurveDocument,
  threshold: number,
  confidence = 0.95,
): { readonly expectedPerDay: number; readonly boundPerDay: number } | undefined {
  const place = curve.thresholds.findIndex((each) => each <= threshold);
  return place === -1 ? undefined : episodesAt(curve, place, confidence);
}

function episodesAt({ episodes, days }: EpisodeCurveDocument, place: number, confidence: number) {
  return {
    expectedPerDay: episodes[place]! / days,
    boundPerDay: poissonUpperBound(episodes[place]!, confidence) / days,
  };
}

/**
 * Episodes by threshold: the whole alert logic is replayed over records at many thresholds, from the highest score (no
 * record is above it) down to the floor. Fewer alerts can make more episodes (a chain of alerts breaks in two), so the
 * largest number at this or any higher threshold counts.
 *
 * @param records normal records above some score, in traffic time; `pValue` and `severity` take no part
 * @param days    of traffic that the records are from, those without a record included
 * @param floor   every record above this score is among `records`; no lower threshold is tried
 */
export function episodeCurve(
  records: readonly EpisodeAlert[],
  days: number,
  floor: number,
  options: EpisodeOptions = {},
): EpisodeCurveDocument {
  if (!(days > 0)) throw new RangeError('days are positive');
  const scores = Float64Array.from(records, ({ score }) => score)
    .sort()
    .toReversed();
  const thresholds: number[] = [];
  const episodes: number[] = [];
  let most = 0;
  const add = (threshold: number): void => {
    most = Math.max(most, countEpisodes(records, threshold, options));
    thresholds.push(threshold);
    episodes.push(most);
  };
  let last = Number.POSITIVE_INFINITY;
  for (let rank = 0; rank < scores.length; rank = Math.max(rank + 1, Math.floor(rank * STEP))) {
    const score = scores[rank]!;
    if (score < last && score >= floor) add(score);
    last = score;
  }
  if (thresholds.length === 0 || thresholds.at(-1)! > floor) add(floor);
  return { days, records: records.length, thresholds, episodes };
}

/** Episodes that alerts above a threshold open. */
export function countEpisodes(records: readonly EpisodeAlert[], threshold: number, options: EpisodeOptions): number {
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
  let low = 0;
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
