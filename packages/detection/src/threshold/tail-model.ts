import { UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { clusterMaxima } from './decluster.ts';
import {
  andersonDarling,
  excessAt,
  fitGeneralisedPareto,
  type GeneralisedPareto,
  profileOfExcess,
  survival,
} from './generalised-pareto.ts';
import { sortedScores } from './sorted-scores.ts';

/** A tail of calibration scores beyond a level. Whatever is read off beyond the data is extrapolation: call it so. */
export interface TailModel extends GeneralisedPareto {
  readonly level: number;
  readonly rows: number;
  /** Rows above the level, and clusters of them: the fit rests on the clusters' maxima. */
  readonly exceedances: number;
  readonly clusters: number;
  /** The maxima over the level, ascending. */
  readonly excesses: Float64Array;
  readonly andersonDarling: number;
  /** The chance of a worse fit if the tail were of this form, by parametric bootstrap (Choulakian and Stephens 2001). */
  readonly fitPValue: number;
}

export interface TailOptions {
  /** Share of rows above the level. Default 0.05. */
  readonly share?: number;
  /** Seconds of traffic time of each row, ascending; default: row numbers. */
  readonly positions?: ArrayLike<number>;
  /** What ends a cluster, in the unit of positions. Default 60 s, or 1 row without positions. */
  readonly run?: number;
  /** The calibration set's name, for the error. */
  readonly place?: string;
}

/** A score that is expected to be exceeded at a rate, by extrapolation. */
export interface TailQuantile {
  readonly threshold: number;
  /** Ends of the interval of the sampling error. */
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

const FEWEST_CLUSTERS = 50;
const POOREST_FIT = 0.05;
const REPLICATES = 199;
const SEED = 1;
/** Half the 95 % point of chi-square with one degree of freedom. */
const HALF_CHI_SQUARE = 3.841_458_8 / 2;
const MAX_DOUBLINGS = 60;

/**
 * Peaks over threshold: a generalised Pareto distribution of the maxima of clusters above a high level (Pickands 1975;
 * Coles 2001, chapters 4 and 5; for streams Siffer et al. 2017). The same scores give the same model.
 *
 * @param scores finite calibration scores, in the order of traffic time
 * @throws UserError when the clusters are too few, or when the form does not fit
 */
export function fitTail(scores: Float32Array | Float64Array, options: TailOptions = {}): TailModel {
  const { share = 0.05, positions, place = 'calibration rows' } = options;
  const sorted = sortedScores(scores);
  const level = sorted[Math.max(0, sorted.length - 1 - Math.floor(share * sorted.length))] ?? 0;
  const rowNumbers = positions ?? Float64Array.from(scores, (_, row) => row);
  const maxima = clusterMaxima(scores, rowNumbers, level, options.run ?? (positions ? 60 : 1));
  const remedy = 'calibrate with more rows, or accept a budget that the rows at hand support';
  if (maxima.length < FEWEST_CLUSTERS) {
    throw new UserError(
      place,
      `${maxima.length} clusters above the level are no tail: that needs ${FEWEST_CLUSTERS}`,
      remedy,
    );
  }
  const excesses = maxima.map((score) => score - level).sort();
  const model = fitGeneralisedPareto(excesses);
  const statistic = andersonDarling(excesses, model);
  let worse = 0;
  for (const sample of replicates(model, excesses.length)) {
    if (andersonDarling(sample, fitGeneralisedPareto(sample)) >= statistic) worse++;
  }
  const fitPValue = (1 + worse) / (REPLICATES + 1);
  if (fitPValue < POOREST_FIT) {
    const figures = `Anderson-Darling ${statistic.toFixed(2)}, p = ${fitPValue}`;
    throw new UserError(place, `a generalised Pareto tail does not fit them (${figures})`, remedy);
  }
  let exceedances = 0;
  for (const score of scores) if (score > level) exceedances++;
  const counts = { rows: scores.length, exceedances, clusters: maxima.length };
  return { ...model, level, ...counts, excesses, andersonDarling: statistic, fitPValue };
}

/** The estimated share of normal rows above a score that is not below the level. Ranks severity beyond all p-values. */
export function tailProbability(tail: TailModel, score: number): number {
  return (tail.exceedances / tail.rows) * survival(tail, score - tail.level);
}

/**
 * The score that a share of rows is expected to exceed, with the 95 % interval of its profile likelihood (Coles 2001,
 * section 2.6.6). The interval tells of the sampling error of the clusters alone, not of an error of the form.
 */
export function tailQuantile(tail: TailModel, rate: number): TailQuantile {
  const chance = rate / (tail.exceedances / tail.rows);
  if (!(chance > 0 && chance < 1)) throw new RangeError(`a rate of ${rate} does not lie in the tail`);
  const excess = excessAt(tail, chance);
  const worst = profileOfExcess(tail.excesses, chance, excess) - HALF_CHI_SQUARE;
  const end = (factor: number): number => {
    let inside = excess;
    let outside = excess;
    for (let step = 0; step < MAX_DOUBLINGS && profileOfExcess(tail.excesses, chance, outside) > worst; step++) {
      inside = outside;
      outside *= factor;
    }
    for (let step = 0; step < 30; step++) {
      const middle = (inside + outside) / 2;
      if (profileOfExcess(tail.excesses, chance, middle) > worst) inside = middle;
      else outside = middle;
    }
    return tail.level + outside;
  };
  return { threshold: tail.level + excess, low: end(1 / 1.25), high: end(1.25), confidence: 0.95 };
}

/** Ascending samples of a model, the same in every run. */
function* replicates(model: GeneralisedPareto, size: number): Generator<Float64Array> {
  const random = new SeededRandom(SEED);
  for (let i = 0; i < REPLICATES; i++) {
    yield Float64Array.from({ length: size }, () => excessAt(model, 1 - random.uniform())).sort();
  }
}
