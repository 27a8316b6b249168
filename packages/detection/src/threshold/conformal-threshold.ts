import { type ThresholdDocument, UserError } from '@edgeguard/contracts';
import { binomialUpperTail } from './incomplete-beta.ts';
import { sortedScores } from './sorted-scores.ts';
import { percent } from './percent.ts';

/** What a threshold has to promise. */
export interface AlarmBudget {
  /** The largest share of normal rows that may raise an alarm. */
  readonly falseAlarmRate: number;
  /** The confidence that the true share is no larger, over draws of independent calibration rows. */
  readonly confidence: number;
}

/**
 * The lowest threshold that keeps a false alarm rate with a confidence.
 *
 * A row raises an alarm where its score is greater than the threshold, strictly, so that ties are on the safe side. With
 * the r-th largest of n calibration scores as the threshold, the false alarm rate follows Beta(r, n - r + 1) for
 * independent rows of the same distribution; it is stochastically smaller where scores tie. The largest r is taken for
 * which P(rate <= falseAlarmRate) >= confidence. (Vovk 2012, "Conditional validity of inductive conformal predictors",
 * proposition 2a; Wilks 1941.)
 *
 * For traffic, whose rows depend on one another, the confidence is nominal.
 *
 * @param scores finite scores of normal rows that were used for nothing else
 * @param place  the calibration set's name, for the error
 * @throws UserError when the rows are too few; it says how many more are needed
 */
export function conformalThreshold(
  scores: Float64Array | Float32Array,
  budget: AlarmBudget,
  place = 'calibration rows',
): ThresholdDocument {
  const { falseAlarmRate, confidence } = budget;
  const rows = scores.length;
  const needed = rowsNeeded(budget);
  if (rows < needed) {
    throw new UserError(
      place,
      `${rows} normal rows cannot promise a false alarm rate of ${falseAlarmRate} with ${percent(confidence)} confidence: that needs ${needed}`,
      `add ${needed - rows} more calibration rows, or accept a higher rate (from ${supportedRate(rows, confidence)}) or less confidence`,
    );
  }
  const rank = largestRank(rows, budget);
  return {
    rule: 'conformal',
    value: sortedScores(scores)[rows - rank]!,
    falseAlarmRate,
    confidence,
    rows,
    rank,
    expectedRate: rank / (rows + 1),
  };
}

/** The fewest calibration rows that support a budget: those for which the largest score itself is a threshold. */
export function rowsNeeded({ falseAlarmRate, confidence }: AlarmBudget): number {
  if (!(falseAlarmRate > 0 && falseAlarmRate < 1) || !(confidence > 0 && confidence < 1)) {
    throw new RangeError('a false alarm rate and a confidence lie between 0 and 1');
  }
  return Math.ceil(Math.log1p(-confidence) / Math.log1p(-falseAlarmRate));
}

/** The largest r for which the r-th largest of `rows` scores keeps the budget; 0 when none does. */
export function largestRank(rows: number, { falseAlarmRate, confidence }: AlarmBudget): number {
  // The confidence falls as r grows.
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (binomialUpperTail(rows, falseAlarmRate, middle) >= confidence) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The smallest false alarm rate that so many rows can promise, rounded up to two digits. */
function supportedRate(rows: number, confidence: number): string {
  if (rows === 0) return 'none without rows';
  const rate = -Math.expm1(Math.log1p(-confidence) / rows);
  const unit = 10 ** (Math.floor(Math.log10(rate)) - 1);
  return Number((Math.ceil(rate / unit) * unit).toPrecision(2)).toString();
}
