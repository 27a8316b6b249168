import { type DetectorDocument, UserError } from '@edgeguard/contracts';
import { parseBudget } from './budget.ts';
import { type ChoiceOptions, chooseThreshold, type ThresholdChoice } from './choose-threshold.ts';

/** Scores of labelled rows, to see what a threshold would have found. */
export interface LabelledScores {
  readonly scores: ArrayLike<number>;
  /** 1 for a row of an attack, 0 for a normal one. */
  readonly attack: ArrayLike<number>;
}

/** One line of the table from which an operator chooses. */
export interface BudgetLine {
  readonly budget: string;
  /** Absent where the calibration rows cannot support the budget. */
  readonly choice?: ThresholdChoice;
  /** Why there is no choice. */
  readonly unsupported?: string;
  /** Alarms in a day at the expected rate, where the number of rows per day is known. */
  readonly alarmsPerDay?: number;
  /** Share of attack rows above the threshold. */
  readonly detectionRate?: number;
  /** Share of attack rows among those above the threshold; absent where none is. */
  readonly precision?: number;
}

/** Rates that are shown when none is asked for. */
export const USUAL_BUDGETS = ['1%', '0.3%', '0.1%', '0.03%', '0.01%'] as const;

/**
 * What each budget would cost and find. With labels the choice that follows was made by looking at them: call it
 * exploratory.
 */
export function budgetTable(
  document: DetectorDocument,
  budgets: readonly string[] = USUAL_BUDGETS,
  options: ChoiceOptions & { readonly labelled?: LabelledScores } = {},
): BudgetLine[] {
  return budgets.map((budget): BudgetLine => {
    const parsed = parseBudget(budget);
    let choice: ThresholdChoice;
    try {
      choice = chooseThreshold(document, parsed, options);
    } catch (error) {
      if (error instanceof UserError) return { budget, unsupported: error.message };
      throw error;
    }
    return {
      budget,
      choice,
      ...(options.rowsPerDay === undefined ? {} : { alarmsPerDay: choice.expectedRate * options.rowsPerDay }),
      ...(options.labelled ? found(options.labelled, choice.threshold) : {}),
    };
  });
}

function found({ scores, attack }: LabelledScores, threshold: number): Pick<BudgetLine, 'detectionRate' | 'precision'> {
  let attacks = 0;
  let alarms = 0;
  let hits = 0;
  for (let row = 0; row < scores.length; row++) {
    const above = scores[row]! > threshold;
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
