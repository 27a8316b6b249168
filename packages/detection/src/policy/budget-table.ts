import { type DetectorDocument, UserError } from '@edgeguard/contracts';
import { episodesPerDay } from '../episodes/episode-budget.ts';
import { largestRank } from '../threshold/conformal-threshold.ts';
import { JointBound } from '../threshold/joint-bound.ts';
import { parseBudget } from './budget.ts';
import { categoryRate, type CategoryThresholds } from './category-thresholds.ts';
import { type ChoiceOptions, chooseThreshold, type ThresholdChoice } from './choose-threshold.ts';
import { RowThresholds } from './row-thresholds.ts';

/** Scores of labelled rows, to see what a threshold would have found. */
export interface LabelledScores {
  readonly scores: ArrayLike<number>;
  /** 1 for a row of an attack, 0 for a normal one. */
  readonly attack: ArrayLike<number>;
  /** Codes of the rows by the name of a category feature: of those by which there are thresholds. */
  readonly codes?: ReadonlyMap<string, ArrayLike<number>>;
}

/** One line of the table from which an operator chooses. */
export interface BudgetLine {
  readonly budget: string;
  /** Absent where the calibration rows cannot support the budget. */
  readonly choice?: ThresholdChoice;
  /** Thresholds by category in place of the choice's, which then is that for all rows. */
  readonly categories?: CategoryThresholds;
  /** Why there is no choice. */
  readonly unsupported?: string;
  /** Alarms in a day at the expected rate, where the number of rows per day is known. */
  readonly alarmsPerDay?: number;
  /** Upper bound of the false alarm rate that holds with the confidence for whichever line, or other threshold, is chosen. */
  readonly jointBound?: number;
  /** Episodes in a day of the replay at this or any higher threshold, and the upper bound of their true number. */
  readonly episodes?: { readonly expectedPerDay: number; readonly boundPerDay: number };
  /** Share of calibration blocks with an alarm. */
  readonly alarmingBlocks?: number;
  /** Share of attack rows above the threshold. */
  readonly detectionRate?: number;
  /** Share of attack rows among those above the threshold; absent where none is. */
  readonly precision?: number;
}

/** Rates that are shown when none is asked for. */
export const USUAL_BUDGETS = ['1%', '0.3%', '0.1%', '0.03%', '0.01%'] as const;

/**
 * What each budget would cost and find. `jointBound` is simultaneous ({@link JointBound}), so a line, or any other threshold,
 * may be chosen after a look at the table.
 */
export function budgetTable(
  document: DetectorDocument,
  budgets: readonly string[] = USUAL_BUDGETS,
  options: ChoiceOptions & { readonly labelled?: LabelledScores } = {},
): BudgetLine[] {
  const { confidence = 0.95 } = options;
  const parsedBudgets = budgets.map(parseBudget);
  const { rows } = document.pValues;
  const ranks = parsedBudgets.flatMap((budget) =>
    budget.kind === 'rate' ? [largestRank(rows, { falseAlarmRate: budget.rate, confidence })] : [],
  );
  const joint = new JointBound(rows, confidence, ranks);
  return budgets.map((budget, line): BudgetLine => {
    const parsed = parsedBudgets[line]!;
    let choice: ThresholdChoice;
    try {
      choice = chooseThreshold(document, parsed, options);
    } catch (error) {
      if (error instanceof UserError) return { budget, unsupported: error.message };
      throw error;
    }
    const { threshold, expectedRate } = choice;
    const { blocks, episodes } = document.calibration ?? {};
    const perDay = episodes && episodesPerDay(episodes, threshold, options.confidence);
    const alarming = blocks && blocks.maxima.findIndex((score) => score <= threshold);
    return {
      budget,
      choice,
      ...(options.rowsPerDay === undefined ? {} : { alarmsPerDay: expectedRate * options.rowsPerDay }),
      jointBound: joint.at(choice.rank),
      ...(perDay ? { episodes: perDay } : {}),
      ...(blocks && alarming! >= 0 ? { alarmingBlocks: alarming! / blocks.count } : {}),
      ...(options.labelled ? found(options.labelled, () => threshold) : {}),
    };
  });
}

/**
 * A line whose threshold is one for each category: what it finds and the rate to expect. What is known of a single threshold alone
 * (the simultaneous bound, episodes, blocks) is left out.
 */
export function categoryLine(
  document: DetectorDocument,
  { budget, choice }: BudgetLine & { readonly choice: ThresholdChoice },
  categories: CategoryThresholds,
  options: Pick<ChoiceOptions, 'rowsPerDay'> & { readonly labelled?: LabelledScores } = {},
): BudgetLine {
  const { rowsPerDay, labelled } = options;
  const thresholds = new RowThresholds(document, choice.threshold, categories);
  const codes = labelled?.codes?.get(categories.feature);
  const expectedRate = categoryRate(document, categories);
  return {
    budget,
    choice: { ...choice, expectedRate },
    categories,
    ...(rowsPerDay === undefined ? {} : { alarmsPerDay: expectedRate * rowsPerDay }),
    ...(labelled && codes ? found(labelled, (row) => thresholds.ofCode(codes[row]!)) : {}),
  };
}

function found(
  { scores, attack }: LabelledScores,
  threshold: (row: number) => number,
): Pick<BudgetLine, 'detectionRate' | 'precision'> {
  let attacks = 0;
  let alarms = 0;
  let hits = 0;
  for (let row = 0; row < scores.length; row++) {
    const above = scores[row]! > threshold(row);
    if (above) alarms++;
    if (attack[row] !== 1) continue;
    attacks++;
    if (above) hits++;
  }
  return {
    ...(attacks === 0 ? {} : { detectionRate: hits / attacks }),
    ...(alarms === 0 ? {} : { precision: hits / alarms }),
  };
}
