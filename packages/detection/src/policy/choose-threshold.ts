import { type DetectorDocument, UserError } from '@edgeguard/contracts';
import { tailModel } from '../calibration/tail-document.ts';
import { episodeThreshold } from '../episodes/episode-budget.ts';
import { blockThreshold } from '../threshold/block-threshold.ts';
import { largestRank, rowsNeeded } from '../threshold/conformal-threshold.ts';
import { nextFloat32, pValue } from '../threshold/p-value-table.ts';
import { tailQuantile } from '../threshold/tail-model.ts';
import type { Budget } from './budget.ts';
import { entryOfRank } from './table-entry.ts';

/** What a threshold rests on. */
export const BASES = ['conformal', 'episodes', 'blocks', 'extrapolation', 'quantile', 'score'] as const;

/** A threshold for a budget, with all that can be said about it. Print these together. */
export interface ThresholdChoice {
  readonly threshold: number;
  /**
   * `conformal` keeps `falseAlarmRate` with `confidence`, `episodes` keeps `episodesPerDay`, `blocks` keeps
   * `alarmingBlockRate`; `extrapolation` is an estimate beyond the data; `quantile` and `score` promise nothing.
   */
  readonly basis: (typeof BASES)[number];
  readonly falseAlarmRate?: number;
  readonly episodesPerDay?: number;
  readonly alarmingBlockRate?: number;
  readonly confidence?: number;
  /** For `extrapolation`: ends of the 95 % interval of the threshold's sampling error. */
  readonly interval?: readonly [number, number];
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
  /** Where calibration cannot support a budget, read the threshold off the tail model: an estimate without a promise. */
  readonly extrapolate?: boolean;
}

const INDEPENDENT =
  'rows independent and of the traffic that calibration saw; traffic depends on itself, so the confidence is nominal';
const EXTRAPOLATED =
  'EXTRAPOLATION beyond the calibration scores: the tail goes on as the generalised Pareto model says';

/**
 * The threshold for a budget, from the calibration that the detector carries. Needs no labels, no rows and no retraining.
 *
 * @throws UserError when calibration cannot support the budget; it says how much more would
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
      return ofRate(document, budget.rate, options, '');
    case 'alarms':
      return ofAlarms(document, (budget.count * 86_400) / budget.seconds, options);
    case 'blocks':
      return ofBlocks(document, budget.rate, options.confidence ?? 0.95);
    case 'quantile': {
      const rank = Math.max(1, Math.floor((1 - budget.quantile) * rows + 1e-9));
      const entry = entryOfRank(pValues, rank);
      const assumption = 'says nothing about rows that calibration has not seen';
      return { ...entry, basis: 'quantile', expectedRate: entry.rank / (rows + 1), rows, assumption };
    }
    case 'score':
      return { ...at(document, budget.score), basis: 'score', assumption: 'set by hand: promises nothing' };
  }
}

/** Episodes where the detector has replayed them; else each alarm counts by itself. */
function ofAlarms(document: DetectorDocument, perDay: number, options: ChoiceOptions): ThresholdChoice {
  const { calibration, pValues, name } = document;
  const curve = calibration?.episodes;
  if (curve) {
    try {
      const budget = { perDay, confidence: options.confidence ?? 0.95 };
      const { threshold, confidence, days } = episodeThreshold(curve, budget, `detector ${name}`);
      const assumption = `episodes replayed over ${short(days)} days of calibration traffic, coming independently of each other, in traffic as it was then`;
      return { ...at(document, threshold), basis: 'episodes', episodesPerDay: perDay, confidence, assumption };
    } catch (error) {
      if (!(error instanceof UserError) || !options.extrapolate) throw error;
    }
  }
  const rowsPerDay = options.rowsPerDay ?? (curve && pValues.rows / curve.days);
  if (rowsPerDay === undefined) {
    throw new UserError(
      'budget',
      'alarms per time need the number of rows per day',
      'say how many rows a day has (--rows-per-day)',
    );
  }
  const rate = perDay / rowsPerDay;
  if (rate >= 1) throw new UserError('budget', 'it allows an alarm on every row', 'ask for fewer alarms');
  return ofRate(document, rate, options, `${short(rowsPerDay)} rows a day, each an alarm of its own; `);
}

function ofBlocks(document: DetectorDocument, rate: number, confidence: number): ThresholdChoice {
  const blocks = document.calibration?.blocks;
  if (!blocks) {
    throw new UserError(
      `detector ${document.name}`,
      'its calibration rows have no time, so there are no blocks',
      'ask for a share of rows',
    );
  }
  const budget = { alarmingBlockRate: rate, confidence };
  const found = blockThreshold(blocks.maxima, blocks.count, budget, `detector ${document.name}`);
  const assumption = `${found.blocks} ${blocks.unit}s independent of each other, whatever rows within one have to do with each other`;
  return { ...at(document, found.value), basis: 'blocks', alarmingBlockRate: rate, confidence, assumption };
}

/** @param before what is assumed beside the rule's own assumptions */
function ofRate(document: DetectorDocument, rate: number, options: ChoiceOptions, before: string): ThresholdChoice {
  const { pValues, name, calibration } = document;
  const { rows } = pValues;
  const wanted = { falseAlarmRate: rate, confidence: options.confidence ?? 0.95 };
  const rank = largestRank(rows, wanted);
  if (rank > 0) {
    const entry = entryOfRank(pValues, rank);
    const expectedRate = entry.rank / (rows + 1);
    return { ...entry, basis: 'conformal', ...wanted, expectedRate, rows, assumption: `${before}${INDEPENDENT}` };
  }
  const needed = rowsNeeded(wanted);
  const problem = `its ${rows} calibration rows cannot promise a false alarm rate of ${short(rate)} with ${short(100 * wanted.confidence)} % confidence: that needs ${needed}`;
  const tail = calibration?.tail;
  const model = tailModel(tail);
  if (options.extrapolate && model && rate < model.exceedances / model.rows) {
    const { threshold, low, high } = tailQuantile(model, rate);
    const fit = `fitted to ${model.clusters} clusters above ${short(model.level)}, Anderson-Darling p = ${model.fitPValue}`;
    const assumption = `${before}${EXTRAPOLATED}, ${fit}`;
    return {
      ...at(document, threshold),
      basis: 'extrapolation',
      interval: [low, high],
      expectedRate: rate,
      assumption,
    };
  }
  if (options.extrapolate) {
    const why = tail && !tail.fits ? tail.reason : 'it carries no tail model for this rate';
    throw new UserError(`detector ${name}`, `${problem}, and extrapolation is refused: ${why}`, 'accept a higher rate');
  }
  throw new UserError(
    `detector ${name}`,
    problem,
    `calibrate with ${needed - rows} more rows, or accept a higher rate or less confidence`,
  );
}

/** What calibration says of a threshold: alerts are on scores above it, so a calibration score that equals it is none. */
function at({ pValues }: DetectorDocument, threshold: number) {
  const rank = Math.round(pValue(pValues, nextFloat32(threshold)) * (pValues.rows + 1));
  return { threshold, expectedRate: rank / (pValues.rows + 1), rows: pValues.rows, rank };
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
