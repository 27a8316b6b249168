import { type DetectorDocument, UserError } from '@edgeguard/contracts';
import { episodesPerDay } from '../episodes/episode-budget.ts';
import { falseAlarmBound } from '../threshold/false-alarm-bound.ts';
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
 * What each budget would cost and find. `jointBound` is simultaneous, so a line may be chosen after a look at the table:
 * the confidence is split evenly over the lines (each with the exact bound of its rank) and a band around the whole
 * distribution (Dvoretzky, Kiefer and Wolfowitz 1956, with the constant of Massart 1990).
 */
export function budgetTable(
  document: DetectorDocument,
  budgets: readonly string[] = USUAL_BUDGETS,
  options: ChoiceOptions & { readonly labelled?: LabelledScores } = {},
): BudgetLine[] {
  const risk = (1 - (options.confidence ?? 0.95)) / (budgets.length + 1);
  return budgets.map((budget): BudgetLine => {
    const parsed = parseBudget(budget);
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
      jointBound: jointBound(choice, risk),
      ...(perDay ? { episodes: perDay } : {}),
      ...(blocks && alarming! >= 0 ? { alarmingBlocks: alarming! / blocks.count } : {}),
      ...(options.labelled ? found(options.labelled, threshold) : {}),
    };
  });
}

/** @param risk that may be spent on each of the line's bound and the band */
function jointBound({ rows, rank, basis }: ThresholdChoice, risk: number): number {
  // Rows above the threshold of at most `rank - 1` are counted as `rank`: the step of the distribution below it.
  const band = Math.min(1, rank / rows + Math.sqrt(Math.log(1 / risk) / (2 * rows)));
  // A threshold that is no calibration score, or that was set without regard to them, has the band alone.
  return basis === 'conformal' || basis === 'quantile' ? Math.min(band, falseAlarmBound(rows, rank, 1 - risk)) : band;
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
