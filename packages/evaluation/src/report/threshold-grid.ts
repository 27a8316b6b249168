import { episodesPerDay, falseAlarmBound } from '@edgeguard/detection';
import type { EpisodesOnTest } from '../budgets.ts';
import type { GroupedScores } from '../metrics/labelled-rows.ts';
import { countAbove, quantile, type Scores } from '../metrics/scores.ts';
import type { ThresholdDocument } from '@edgeguard/contracts';
import type { ThresholdGrid } from '../report-client/report-data.ts';

/** Every rank of the calibration scores up to this one is a stop of the slider; beyond, ranks grow by a share. */
const EXACT_RANKS = 30;
const RANK_GROWTH = 1.1;
/** Further stops, evenly spaced in the logarithm of the score. */
const SCORE_STOPS = 120;

/**
 * The stops of the report's threshold slider with all counts at each, so that the page shows the library's figures and
 * computes none from rows.
 */
export function thresholdGrid(
  shipped: ThresholdDocument,
  calibration: Scores,
  test: GroupedScores,
  days: number | null,
  episodes: EpisodesOnTest | null,
): ThresholdGrid {
  const threshold = stops(shipped.value, calibration, test);
  const at = (scores: Scores): number[] => threshold.map((value) => countAbove(scores, value));
  const ranks = at(calibration).map((above) => above + 1);
  const collateral = at(test.collateral);
  const unknown = at(test.unknown);
  const curve = episodes?.curve;
  const promised = threshold.map((value) => curve && episodesPerDay(curve, value, shipped.confidence));
  return {
    threshold,
    shipped: threshold.indexOf(shipped.value),
    normalRows: test.normal.length,
    attackRows: test.attack.length,
    falseAlarms: at(test.normal),
    detections: at(test.attack),
    otherAlerts: collateral.map((rows, i) => rows + unknown[i]!),
    perAttack: [...test.perAttack].map(([attack, scores]) => ({ attack, rows: scores.length, detections: at(scores) })),
    bound: ranks.map((rank) => falseAlarmBound(calibration.length, rank, shipped.confidence)),
    expected: ranks.map((rank) => Math.min(1, rank / (calibration.length + 1))),
    days,
    episodes: threshold.map((value) => episodes?.onNormal(value) ?? null),
    expectedEpisodes: promised.map((each) => each?.expectedPerDay ?? null),
    episodeBound: promised.map((each) => each?.boundPerDay ?? null),
  };
}

/** Ascending thresholds without repeats; the shipped one is among them. */
function stops(shipped: number, calibration: Scores, test: GroupedScores): number[] {
  const found = new Set<number>([shipped]);
  for (let rank = 1; rank <= calibration.length; rank = rank < EXACT_RANKS ? rank + 1 : Math.ceil(rank * RANK_GROWTH)) {
    found.add(calibration[calibration.length - rank]!);
  }
  const positive = [quantile(calibration, 0.05), shipped].filter((score) => score > 0);
  const low = Math.log(Math.min(...positive, 1));
  const highest = Math.max(shipped, calibration.at(-1)!, test.normal.at(-1) ?? 0, test.attack.at(-1) ?? 0, 1e-12);
  const high = Math.log(highest);
  // Nothing is above the last stop, which a rounded one need not reach.
  found.add(highest);
  for (let i = 0; i <= SCORE_STOPS; i++)
    found.add(Number(Math.exp(low + ((high - low) * i) / SCORE_STOPS).toPrecision(6)));
  return [...found].filter((score) => score > 0 || score === shipped).sort((a, b) => a - b);
}
