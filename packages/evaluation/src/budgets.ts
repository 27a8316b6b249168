import { conformalThreshold, rowsNeeded } from '@edgeguard/detection';
import type { ResultDocument } from './evaluation-document.ts';
import { rate } from './metrics/confusion.ts';
import type { GroupedScores } from './metrics/labelled-rows.ts';
import { countAbove, type Scores } from './metrics/scores.ts';

/** False alarm rates that people ask for. */
const BUDGETS = [0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];

/**
 * What was promised and what came of it at several budgets: each threshold is set on calibration rows alone, as the
 * shipped one was. Budgets that the calibration rows cannot support are left out.
 */
export function realisedBudgets(
  calibration: Scores,
  test: GroupedScores,
  confidence: number,
  days: number | null,
): ResultDocument['budgets'] {
  return BUDGETS.filter((falseAlarmRate) => calibration.length >= rowsNeeded({ falseAlarmRate, confidence })).map(
    (falseAlarmRate) => {
      const { value, expectedRate } = conformalThreshold(calibration, { falseAlarmRate, confidence });
      const falseAlarms = countAbove(test.normal, value);
      return {
        falseAlarmRate,
        threshold: value,
        expectedRate,
        realised: rate(falseAlarms, test.normal.length),
        detectionRate: rate(countAbove(test.attack, value), test.attack.length),
        falseAlarmsPerDay: days === null ? null : falseAlarms / days,
      };
    },
  );
}
