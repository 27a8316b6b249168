import { type EpisodeCurveDocument, UserError } from '@edgeguard/contracts';
import { conformalThreshold, episodesPerDay, episodeThreshold, rowsNeeded } from '@edgeguard/detection';
import type { Outcome, ResultDocument } from './evaluation-document.ts';
import { type Rate, rate } from './metrics/confusion.ts';
import type { GroupedScores } from './metrics/labelled-rows.ts';
import { poissonInterval } from './metrics/poisson-interval.ts';
import { countAbove, type Scores } from './metrics/scores.ts';

/** False alarm rates that people ask for, and episodes in a day. */
const BUDGETS = [0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];
const EPISODE_BUDGETS = [100, 50, 20, 10, 5, 2, 1];

/** A detector's alerts on the test split, replayed as episodes. */
export interface EpisodesOnTest {
  /** At the shipped threshold. */
  readonly figures: NonNullable<ResultDocument['episodes']>;
  /** Of calibration; absent in detectors that carry none. */
  readonly curve: EpisodeCurveDocument | undefined;
  readonly days: number;
  /** Episodes of normal rows alone at a threshold; null for one that lies below all that was replayed. */
  onNormal(threshold: number): number | null;
}

/**
 * What was promised and what came of it at several budgets: each threshold is set on calibration rows alone, as the
 * shipped one was. Budgets that the calibration rows cannot support are left out.
 */
export function realisedBudgets(
  calibration: Scores,
  test: GroupedScores,
  confidence: number,
  days: number | null,
  episodes: EpisodesOnTest | null,
): ResultDocument['budgets'] {
  return BUDGETS.filter((falseAlarmRate) => calibration.length >= rowsNeeded({ falseAlarmRate, confidence })).map(
    (falseAlarmRate) => {
      const { value, expectedRate } = conformalThreshold(calibration, { falseAlarmRate, confidence });
      const falseAlarms = countAbove(test.normal, value);
      const realised = rate(falseAlarms, test.normal.length);
      const curve = episodes?.curve;
      return {
        falseAlarmRate,
        threshold: value,
        expectedRate,
        realised,
        detectionRate: rate(countAbove(test.attack, value), test.attack.length),
        falseAlarmsPerDay: days === null ? null : falseAlarms / days,
        expectedEpisodesPerDay: (curve && episodesPerDay(curve, value)?.expectedPerDay) ?? null,
        episodesPerDay: episodes && onNormalPerDay(episodes, value),
        outcome: outcomeOf(realised, falseAlarmRate),
      };
    },
  );
}

/** The same for budgets of episodes in a day. */
export function realisedEpisodeBudgets(
  test: GroupedScores,
  confidence: number,
  episodes: EpisodesOnTest | null,
): ResultDocument['episodeBudgets'] {
  const curve = episodes?.curve;
  if (!curve) return [];
  return EPISODE_BUDGETS.flatMap((perDay) => {
    const found = supported(curve, perDay, confidence);
    if (!found) return [];
    const { threshold, expectedPerDay } = found;
    // Budgets so large that even the lowest threshold of the replay keeps them ask nothing of it.
    if (threshold === curve.thresholds.at(-1)) return [];
    const realised = onNormalPerDay(episodes, threshold);
    return [
      {
        perDay,
        confidence,
        threshold,
        expectedPerDay,
        realised,
        falseAlarmRate: rate(countAbove(test.normal, threshold), test.normal.length),
        detectionRate: rate(countAbove(test.attack, threshold), test.attack.length),
        outcome: outcomeOf(realised, perDay),
      },
    ];
  });
}

function supported(curve: EpisodeCurveDocument, perDay: number, confidence: number) {
  try {
    return episodeThreshold(curve, { perDay, confidence });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function onNormalPerDay({ onNormal, days }: EpisodesOnTest, threshold: number): Rate | null {
  const count = onNormal(threshold);
  if (count === null) return null;
  const [low, high] = poissonInterval(count);
  return { value: count / days, interval: [low / days, high / days] };
}

/** What came of a promise; chance explains what the 95 % interval of the figure reaches down to. */
export function outcomeOf(realised: Rate | null, promised: number): Outcome | null {
  if (!realised) return null;
  if (realised.value <= promised) return 'kept';
  return realised.interval[0] <= promised ? 'chance' : 'broken';
}
