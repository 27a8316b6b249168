import type { ConvertConfig } from '@edgeguard/contracts';
import { type AlarmBudget, rowsNeeded } from '@edgeguard/detection';

/** What a threshold promises where the config does not say: the first of these that the calibration rows support. */
const USUAL_RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05] as const;

/**
 * The budget of the config, or, where that names no rate, the strictest usual one that so many calibration rows can promise.
 * Where they support none, the loosest is returned, which `conformalThreshold` then refuses with how many rows it needs.
 */
export function budgetInForce({ falseAlarmRate, confidence }: ConvertConfig['threshold'], rows: number): AlarmBudget {
  if (falseAlarmRate !== undefined) return { falseAlarmRate, confidence };
  const rate = USUAL_RATES.find((each) => rows >= rowsNeeded({ falseAlarmRate: each, confidence }));
  return { falseAlarmRate: rate ?? USUAL_RATES.at(-1)!, confidence };
}

/** Says that a looser rate than the usual one is promised because calibration rows are few; nothing where it is not. */
export function looserThanUsual(
  asked: ConvertConfig['threshold'],
  { falseAlarmRate }: AlarmBudget,
  rows: number,
): string | undefined {
  if (asked.falseAlarmRate !== undefined || falseAlarmRate === USUAL_RATES[0]) return undefined;
  return (
    `${rows} calibration rows cannot promise ${100 * USUAL_RATES[0]} % false alarms, so ${100 * falseAlarmRate} % is promised; ` +
    'add normal rows, or name what you can bear in convert.threshold.falseAlarmRate'
  );
}
