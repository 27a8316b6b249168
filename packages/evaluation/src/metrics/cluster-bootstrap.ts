import { SeededRandom } from '@edgeguard/transform';
import type { Clusters, ClusterUnit } from './clusters.ts';
import { labelCode, type LabelledRows } from './labelled-rows.ts';
import type { Interval } from './wilson-interval.ts';

/** Percentile intervals of 95 % over resampled clusters; null where a figure is not defined. */
export interface BootstrapIntervals {
  readonly unit: ClusterUnit;
  readonly clusters: number;
  readonly replicates: number;
  readonly detectionRate: Interval | null;
  readonly falseAlarmRate: Interval | null;
  readonly rocAuc: Interval | null;
  readonly prAuc: Interval | null;
  /** The detection rate at some false alarm rates. */
  readonly rocBand: Band | null;
  /** The precision at some recalls. */
  readonly prBand: Band | null;
}

/** A pointwise band around a curve; each point by itself holds with 95 %, the whole curve with less. */
export interface Band {
  readonly at: number[];
  readonly low: number[];
  readonly high: number[];
}

/** Draws: fewer for many rows, whose figures vary little, so that the work stays bounded. */
const MAX_REPLICATES = 200;
const MIN_REPLICATES = 60;
const MAX_ROWS_DRAWN = 20_000_000;
/** Points of the band per decade of the false alarm rate. */
const BAND_POINTS_PER_DECADE = 8;
/** Recalls at which the band of the precision is taken. */
const RECALLS = Array.from({ length: 50 }, (_, i) => (i + 1) / 50);

/**
 * Cluster bootstrap (Field and Welsh 2007): draws whole clusters with replacement and computes every figure again, so
 * that rows which depend on each other do not count as many. The threshold stays as it was shipped.
 *
 * @param scores    one per row, in the order of `rows`
 * @param threshold rows above it raise an alert
 */
export function clusterBootstrap(
  rows: LabelledRows,
  scores: Float32Array,
  clusters: Clusters,
  threshold: number,
  seed: number,
): BootstrapIntervals {
  const ranked = rankRows(rows, scores);
  const hasBoth = ranked.normal > 0 && ranked.attack > 0;
  const rates = hasBoth ? falseAlarmRates(ranked.normal) : [];
  const random = new SeededRandom(seed);
  const weight = new Uint32Array(clusters.count);
  const draws = Math.floor(MAX_ROWS_DRAWN / Math.max(1, ranked.order.length));
  const count = Math.min(MAX_REPLICATES, Math.max(MIN_REPLICATES, draws));
  const replicates: Replicate[] = [];
  for (let i = 0; i < count; i++) {
    weight.fill(0);
    for (let draw = 0; draw < clusters.count; draw++) weight[random.below(clusters.count)]!++;
    replicates.push(replicate(ranked, scores, clusters.of, weight, threshold, rates));
  }
  const interval = (of: (one: Replicate) => number): Interval | null => percentiles(replicates.map(of));
  const band = (at: readonly number[], of: (one: Replicate) => Float64Array): Band | null => {
    if (!hasBoth) return null;
    const intervals = at.map((_, point) => interval((one) => of(one)[point]!) ?? ([0, 1] as const));
    return { at: [...at], low: intervals.map(([low]) => low), high: intervals.map(([, high]) => high) };
  };
  return {
    unit: clusters.unit,
    clusters: clusters.count,
    replicates: count,
    detectionRate: interval((one) => one.detectionRate),
    falseAlarmRate: interval((one) => one.falseAlarmRate),
    rocAuc: interval((one) => one.rocAuc),
    prAuc: interval((one) => one.prAuc),
    rocBand: band(rates, (one) => one.detectionRates),
    prBand: band(RECALLS, (one) => one.precisions),
  };
}

/** Figures of one draw; NaN where not defined. */
interface Replicate {
  readonly detectionRate: number;
  readonly falseAlarmRate: number;
  readonly rocAuc: number;
  readonly prAuc: number;
  /** At the false alarm rates of the band. */
  readonly detectionRates: Float64Array;
  /** At {@link RECALLS}. */
  readonly precisions: Float64Array;
}

/** Counted rows from the highest score to the lowest. */
interface RankedRows {
  readonly order: Uint32Array;
  readonly isAttack: Uint8Array;
  readonly normal: number;
  readonly attack: number;
}

function rankRows(rows: LabelledRows, scores: Float32Array): RankedRows {
  const normalCode = labelCode('normal');
  const attackCode = labelCode('attack');
  const isAttack = Uint8Array.from(rows.label, (label) => (label === attackCode ? 1 : 0));
  const isCounted = (_: number, row: number): boolean => rows.label[row] === normalCode || isAttack[row] === 1;
  const order = Uint32Array.from(rows.label, (_, row) => row)
    .filter(isCounted)
    .sort((a, b) => scores[b]! - scores[a]!);
  const attack = isAttack.reduce((sum, one) => sum + one, 0);
  return { order, isAttack, normal: order.length - attack, attack };
}

/** One pass from the highest score down, each row counted as often as its cluster was drawn. */
function replicate(
  { order, isAttack }: RankedRows,
  scores: Float32Array,
  clusterOf: Uint32Array,
  weight: Uint32Array,
  threshold: number,
  rates: readonly number[],
): Replicate {
  let normalTotal = 0;
  let attackTotal = 0;
  for (const row of order) {
    if (isAttack[row] === 1) attackTotal += weight[clusterOf[row]!]!;
    else normalTotal += weight[clusterOf[row]!]!;
  }
  const detectionRates = new Float64Array(rates.length);
  const precisions = new Float64Array(RECALLS.length);
  let falseAlarms = 0;
  let detections = 0;
  let area = 0;
  let precisionSum = 0;
  let falseAlarmsAtThreshold = 0;
  let detectionsAtThreshold = 0;
  let rate = 0;
  let recall = 0;
  for (let from = 0; from < order.length;) {
    const score = scores[order[from]!]!;
    const falseAlarmsBefore = falseAlarms;
    const detectionsBefore = detections;
    for (; from < order.length && scores[order[from]!] === score; from++) {
      const row = order[from]!;
      if (isAttack[row] === 1) detections += weight[clusterOf[row]!]!;
      else falseAlarms += weight[clusterOf[row]!]!;
    }
    // The trapezium under the ROC between two distinct scores: ties count half.
    area += (falseAlarms - falseAlarmsBefore) * (detections + detectionsBefore);
    if (detections > detectionsBefore) {
      precisionSum += ((detections - detectionsBefore) * detections) / (detections + falseAlarms);
    }
    if (score > threshold) {
      falseAlarmsAtThreshold = falseAlarms;
      detectionsAtThreshold = detections;
    }
    while (rate < rates.length && falseAlarms > rates[rate]! * normalTotal) {
      detectionRates[rate++] = detectionsBefore / attackTotal;
    }
    while (recall < RECALLS.length && detections >= RECALLS[recall]! * attackTotal) {
      precisions[recall++] = detections / (detections + falseAlarms);
    }
  }
  while (rate < rates.length) detectionRates[rate++] = detections / attackTotal;
  return {
    detectionRate: detectionsAtThreshold / attackTotal,
    falseAlarmRate: falseAlarmsAtThreshold / normalTotal,
    rocAuc: area / (2 * normalTotal * attackTotal),
    prAuc: normalTotal === 0 ? Number.NaN : precisionSum / attackTotal,
    detectionRates,
    precisions,
  };
}

/** False alarm rates of the band: from one row upward, evenly on a logarithmic axis. */
function falseAlarmRates(normalRows: number): number[] {
  const points = Math.max(2, Math.ceil(Math.log10(normalRows) * BAND_POINTS_PER_DECADE));
  return Array.from({ length: points + 1 }, (_, i) => normalRows ** (i / points - 1));
}

/** The middle 95 % of the defined values; null where most are not defined. */
function percentiles(values: readonly number[]): Interval | null {
  const defined = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (defined.length < 0.9 * values.length) return null;
  const at = (share: number): number => defined[Math.round(share * (defined.length - 1))]!;
  return [at(0.025), at(0.975)];
}
