import type { ThresholdDocument } from '@edgeguard/contracts';
import { type EpisodesOnTest, realisedBudgets, realisedEpisodeBudgets } from './budgets.ts';
import type { ResultDocument } from './evaluation-document.ts';
import { confusionAt, detectionFigures, rate } from './metrics/confusion.ts';
import type { GroupedScores } from './metrics/labelled-rows.ts';
import { operatingCurve } from './metrics/operating-curve.ts';
import { averagePrecision, oracleDetectionRate, rocAuc } from './metrics/ranking.ts';
import { countAbove, type Scores } from './metrics/scores.ts';

/** False alarm rates at which oracle detection rates are given. */
const ORACLE_RATES = [0.01, 0.05];

/** The scores that one detector or baseline gave, with its threshold. */
export interface ScoredSystem {
  readonly name: string;
  readonly description: string;
  readonly threshold: ThresholdDocument;
  /** Scores of the normal rows of the splits before test, ascending; null for splits that were not scored. */
  readonly train: Scores | null;
  readonly validation: Scores | null;
  readonly calibration: Scores;
  readonly test: GroupedScores;
  /** Seconds to the first alert, by attack; see `timeToAlert`. */
  readonly secondsToAlert: ReadonlyMap<string, number | null>;
  /** Null for baselines, and where rows have no time or no ends. */
  readonly episodes: EpisodesOnTest | null;
}

/**
 * The figures of one detector or baseline.
 *
 * @param days        days of traffic in the test split, or null where there is no time
 * @param curvePoints points kept of the operating curve
 */
export function evaluateScores(
  system: ScoredSystem,
  days: number | null,
  curvePoints: number,
): Omit<ResultDocument, 'bootstrap' | 'onNewRows'> {
  const { threshold, test } = system;
  const alertRate = (scores: Scores | null): ReturnType<typeof rate> =>
    scores ? rate(countAbove(scores, threshold.value), scores.length) : null;
  return {
    name: system.name,
    description: system.description,
    threshold,
    falseAlarmsBySplit: {
      train: alertRate(system.train),
      validation: alertRate(system.validation),
      calibration: alertRate(system.calibration),
      test: alertRate(test.normal),
    },
    atThreshold: atThreshold(test, threshold.value, days, system.secondsToAlert),
    oracle: oracleFigures(test, curvePoints),
    budgets: realisedBudgets(system.calibration, test, threshold.confidence, days, system.episodes),
    episodeBudgets: realisedEpisodeBudgets(test, threshold.confidence, system.episodes),
    episodes: system.episodes?.figures ?? null,
  };
}

/** What a threshold does on grouped scores. */
export function atThreshold(
  test: GroupedScores,
  threshold: number,
  days: number | null,
  secondsToAlert: ReadonlyMap<string, number | null> = new Map(),
): ResultDocument['atThreshold'] {
  const confusion = confusionAt(threshold, test.normal, test.attack);
  const alerts = (scores: Scores): { rows: number; alerts: number; rate: ReturnType<typeof rate> } => {
    const count = countAbove(scores, threshold);
    return { rows: scores.length, alerts: count, rate: rate(count, scores.length) };
  };
  const perAttack = [...test.perAttack].map(([attack, scores]) => ({
    attack,
    ...alerts(scores),
    secondsToAlert: secondsToAlert.get(attack) ?? null,
  }));
  const collateral = alerts(test.collateral);
  const unknown = alerts(test.unknown);
  const alarms = confusion.truePositives + confusion.falsePositives + collateral.alerts + unknown.alerts;
  return {
    ...confusion,
    ...detectionFigures(confusion),
    macroDetectionRate: mean(perAttack.map((entry) => entry.alerts / entry.rows)),
    perAttack,
    perDay: days === null ? null : { falseAlarms: confusion.falsePositives / days, alarms: alarms / days },
    collateral,
    unknown,
  };
}

function oracleFigures(test: GroupedScores, curvePoints: number): ResultDocument['oracle'] {
  const { normal, attack } = test;
  const rocAucPerAttack = [...test.perAttack].map(([name, scores]) => ({
    attack: name,
    rocAuc: rocAuc(normal, scores),
  }));
  const curve = operatingCurve(normal, attack, curvePoints);
  return {
    rocAuc: rocAuc(normal, attack),
    prAuc: averagePrecision(normal, attack),
    detectionAt: ORACLE_RATES.map((falseAlarmRate) => ({
      falseAlarmRate,
      detectionRate: oracleDetectionRate(normal, attack, falseAlarmRate),
    })),
    rocAucPerAttack,
    macroRocAuc: mean(rocAucPerAttack.flatMap(({ rocAuc: area }) => (area === null ? [] : [area]))),
    curve,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
