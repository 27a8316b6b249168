import { type DetectorDocument, type PValueTableDocument, UserError } from '@edgeguard/contracts';
import { largestRank, rowsNeeded } from '../threshold/conformal-threshold.ts';
import { pValue } from '../threshold/p-value-table.ts';
import type { Budget } from './budget.ts';

/** A threshold for a budget, with all that can be said about it. Print these together. */
export interface ThresholdChoice {
  readonly threshold: number;
  /** `conformal` keeps `falseAlarmRate` with `confidence`; the others promise nothing. */
  readonly basis: 'conformal' | 'quantile' | 'score';
  readonly falseAlarmRate?: number;
  readonly confidence?: number;
  /** Mean false alarm rate over calibration sets: an upper bound where the p-value table is coarse. */
  readonly expectedRate: number;
  /** Calibration rows, and how many of them are above or at the threshold at most. */
  readonly rows: number;
  readonly rank: number;
  /** What the figures rest on. */
  readonly assumption: string;
}

export interface ChoiceOptions {
  /** Default 0.95. */
  readonly confidence?: number;
  /** Rows that are scored in a day of this traffic: what a budget per day is turned into a rate with. */
  readonly rowsPerDay?: number;
}

const INDEPENDENT =
  'rows independent and of the traffic that calibration saw; traffic depends on itself, so the confidence is nominal';

/**
 * The threshold for a budget, from the calibration scores that the detector carries. Needs no labels, no rows and no
 * retraining.
 *
 * @throws UserError when the calibration rows cannot support the budget; it says how many would
 */
export function chooseThreshold(
  document: DetectorDocument,
  budget: Budget,
  options: ChoiceOptions = {},
): ThresholdChoice {
  const { pValues } = document;
  const { rows } = pValues;
  switch (budget.kind) {
    case 'rate':
      return conformal(document, budget.rate, options.confidence ?? 0.95, INDEPENDENT);
    case 'alarms': {
      if (options.rowsPerDay === undefined) {
        throw new UserError('budget', 'alarms per time need the number of rows per day', 'say how many rows a day has');
      }
      const rate = (budget.count / options.rowsPerDay) * (86_400 / budget.seconds);
      if (rate >= 1) throw new UserError('budget', 'it allows an alarm on every row', 'ask for fewer alarms');
      const assumption = `${options.rowsPerDay} rows a day, each an alarm of its own; ${INDEPENDENT}`;
      return conformal(document, rate, options.confidence ?? 0.95, assumption);
    }
    case 'quantile': {
      const rank = Math.max(1, Math.floor((1 - budget.quantile) * rows + 1e-9));
      const entry = entryOfRank(pValues, rank);
      const assumption = 'says nothing about rows that calibration has not seen';
      return { ...entry, basis: 'quantile', expectedRate: entry.rank / (rows + 1), rows, assumption };
    }
    case 'score': {
      const rank = Math.round(pValue(pValues, budget.score) * (rows + 1));
      const assumption = 'set by hand: promises nothing';
      return { threshold: budget.score, basis: 'score', expectedRate: rank / (rows + 1), rows, rank, assumption };
    }
  }
}

function conformal(document: DetectorDocument, rate: number, confidence: number, assumption: string): ThresholdChoice {
  const { pValues, name } = document;
  const { rows } = pValues;
  const wanted = { falseAlarmRate: rate, confidence };
  const rank = largestRank(rows, wanted);
  if (rank === 0) {
    const needed = rowsNeeded(wanted);
    throw new UserError(
      `detector ${name}`,
      `its ${rows} calibration rows cannot promise a false alarm rate of ${short(rate)} with ${100 * confidence} % confidence: that needs ${needed}`,
      `calibrate with ${needed - rows} more rows, or accept a higher rate or less confidence`,
    );
  }
  const entry = entryOfRank(pValues, rank);
  return {
    ...entry,
    basis: 'conformal',
    falseAlarmRate: rate,
    confidence,
    expectedRate: entry.rank / (rows + 1),
    rows,
    assumption,
  };
}

/**
 * The rank-th largest calibration score where the table is exact, a slightly higher one where it is coarse or scores tie:
 * of the scores that at most `rank` calibration rows reach the largest number, the highest.
 */
function entryOfRank({ scores, atLeast }: PValueTableDocument, rank: number): { threshold: number; rank: number } {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (atLeast[middle]! <= rank) low = middle + 1;
    else high = middle;
  }
  // More scores tie at the very top than the rank allows: nothing is above them, which is stricter.
  if (low === 0) return { threshold: scores[0]!, rank };
  const reached = atLeast[low - 1]!;
  // Beside a score the table lists the next number above the score below it, which as many rows reach.
  let highest = low - 1;
  while (highest > 0 && atLeast[highest - 1] === reached) highest--;
  // Listed scores are shortened downwards; as float32 they are the scores themselves.
  return { threshold: Math.fround(scores[highest]!), rank: reached };
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
