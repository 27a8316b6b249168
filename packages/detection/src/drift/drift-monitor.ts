import { type DetectorDocument, type DriftBaselineDocument, UserError } from '@edgeguard/contracts';
import { type AlarmEnds, AlarmRateWatch } from './alarm-rate.ts';
import { BlockCounts } from './drift-baseline.ts';
import type { DriftChange, DriftReport, DriftState } from './drift-report.ts';
import { FeatureBins, stabilityIndex } from './feature-bins.ts';
import { directionFeatures, isOneWay } from './one-way.ts';
import { scoreDistance } from './score-distance.ts';
import { sensorSigns } from './sensor-signs.ts';
import { SignalTable } from './signal-table.ts';

/**
 * A block is unusual where no more than this share of blocks like those of calibration is as far off: in whatever feature, and
 * in its scores, one in twenty together.
 */
const RATE = 0.025;
/** Distances between distributions of scores below this are no drift, however sure. */
const SMALLEST_DISTANCE = 0.05;
/** More than so much above the largest share in calibration, traffic of one direction only is the sensor's doing. */
const ONE_WAY_MARGIN = 0.1;
/** Share of packets that a sensor lost from which on what it tells is not the network's traffic. */
const LOST = 0.01;
/** Changes of state that are kept. */
const MAX_CHANGES = 1000;
/** Share of rows without a score from which on a sensor is at fault. */
const NOT_FINITE = 0.01;

/**
 * Watches whether traffic still is what a detector was made for. Blocks of as many rows as the calibration blocks are
 * compared with train; the null is what calibration blocks gave, over all features at once. Rows that raise alarms are left
 * to the alarm rate, so that an attack moves no feature. A signal is believed when it moved in three of five blocks.
 */
export class DriftMonitor {
  readonly #document: DetectorDocument;
  readonly #baseline: DriftBaselineDocument;
  readonly #bins: FeatureBins;
  readonly #block: BlockCounts;
  readonly #scores: Float32Array;
  readonly #alarms: AlarmRateWatch;
  readonly #signals = new SignalTable();
  readonly #onChange: (change: DriftChange) => void;
  readonly #featureLimit: number;
  readonly #scoreLimit: number;
  #rows = 0;
  #coldStart = 0;
  #notFinite = 0;
  #notFiniteInBlock = 0;
  readonly #directions: readonly number[];
  /** Since the latest verdict on the alarm rate. */
  #oneWay = 0;
  #blocks = 0;
  #attackBlocks = 0;
  #packets = 0;
  #lost = 0;
  #state: DriftState = 'stable';
  readonly #changes: DriftChange[] = [];
  #furtherChanges = 0;

  /**
   * @param expectedRate share of normal rows above the threshold in force
   * @throws UserError for a detector that does not say what blocks of rows look like
   */
  constructor(
    document: DetectorDocument,
    expectedRate: number,
    onChange: (change: DriftChange) => void = () => undefined,
  ) {
    const baseline = document.calibration?.drift;
    if (!baseline) {
      throw new UserError(
        `detector ${document.name}`,
        'it does not say what blocks of normal rows look like, so drift cannot be told',
        'convert again with 2000 calibration rows or more',
      );
    }
    this.#document = document;
    this.#baseline = baseline;
    this.#onChange = onChange;
    this.#bins = new FeatureBins(baseline.features.map(({ edges }) => Float32Array.from(edges)));
    this.#block = new BlockCounts(this.#bins);
    this.#scores = new Float32Array(baseline.blockRows);
    this.#alarms = new AlarmRateWatch(baseline.blockRows, expectedRate, document.pValues.rows);
    this.#directions = directionFeatures(document.schema.features);
    this.#featureLimit = limitOf(baseline.largest);
    this.#scoreLimit = Math.max(SMALLEST_DISTANCE, limitOf(baseline.scoreDistance));
  }

  /**
   * Takes the row [F] that starts at `start`.
   *
   * @param seconds traffic time since the Unix epoch
   * @param alarm   whom it is about, where it raises an alarm
   */
  add(rows: Float32Array, start: number, score: number, seconds: number, alarm?: AlarmEnds): void {
    this.#rows++;
    if (isOneWay(rows, start, this.#directions)) this.#oneWay++;
    const verdict = this.#alarms.add(alarm);
    if (verdict) {
      const { rest, reference, margin, state } = verdict;
      if (state === 'attack') this.#attackBlocks++;
      this.#signals.set('alarms', 'alarm rate', state === 'moved', rest, reference + margin);
      if (state !== 'attack') this.#judgeOneWay();
      this.#oneWay = 0;
      this.#decide(seconds);
    }
    if (alarm) return;
    this.#scores[this.#block.rows] = score;
    this.#block.add(rows, start);
    if (this.#block.rows === this.#baseline.blockRows) {
      this.#endBlock();
      this.#decide(seconds);
    }
  }

  /** A row of the time in which windows fill, which looks like no other. */
  addColdStart(): void {
    this.#coldStart++;
  }

  /** A row with NaN or infinity. */
  addNotFinite(): void {
    this.#notFinite++;
    this.#notFiniteInBlock++;
  }

  /** Packets that a sensor took, and that it lost before it could read them. */
  addPackets(taken: number, lost: number): void {
    this.#packets += taken + lost;
    this.#lost += lost;
  }

  report(): DriftReport {
    const lostShare = this.#packets === 0 ? 0 : this.#lost / this.#packets;
    const loses = lostShare > LOST;
    // Losses are known at the end alone, so they cannot have moved in several blocks: they are worth a look.
    const state = loses && this.#state === 'stable' ? 'watch' : this.#state;
    const cause = state === 'stable' ? undefined : loses ? 'sensor' : this.#signals.cause();
    return {
      state,
      ...(cause ? { cause } : {}),
      rows: this.#rows,
      coldStart: this.#coldStart,
      notFinite: this.#notFinite,
      lostShare,
      blockRows: this.#baseline.blockRows,
      blocks: this.#blocks,
      attackBlocks: this.#attackBlocks,
      signals: this.#signals.all(),
      changes: this.#changes,
      furtherChanges: this.#furtherChanges,
    };
  }

  /** Rows that raise alarms count: traffic of one direction does. The one-sided flows of a scan or a flood are left out. */
  #judgeOneWay(): void {
    const { oneWay: usual, blockRows } = this.#baseline;
    if (usual === undefined) return;
    const share = this.#oneWay / blockRows;
    const limit = usual + ONE_WAY_MARGIN;
    this.#signals.set('sensor', 'much traffic in one direction only', share > limit, share, limit);
  }

  #endBlock(): void {
    const { features, blockRows } = this.#baseline;
    const { schema, pValues } = this.#document;
    this.#blocks++;
    for (const [f, { rows, mean }] of features.entries()) {
      const index = stabilityIndex(rows, this.#bins.of(f, this.#block.counts)) / mean;
      this.#signals.set('feature', schema.features[f]!.name, index > this.#featureLimit, index, this.#featureLimit);
    }
    const distance = scoreDistance(pValues, this.#scores);
    this.#signals.set('scores', 'distribution of scores', distance > this.#scoreLimit, distance, this.#scoreLimit);
    const signs = sensorSigns(this.#document, this.#baseline, this.#bins, this.#block);
    if (this.#notFiniteInBlock > NOT_FINITE * blockRows) signs.push('records with NaN or infinity');
    this.#signals.setSensor(signs);
    this.#notFiniteInBlock = 0;
    this.#block.clear();
  }

  #decide(time: number): void {
    const state = this.#signals.state();
    if (state === this.#state) return;
    const cause = state === 'stable' ? undefined : this.#signals.cause();
    const change = { time, from: this.#state, state, ...(cause ? { cause } : {}), moved: this.#signals.moved() };
    this.#state = state;
    if (this.#changes.length < MAX_CHANGES) this.#changes.push(change);
    else this.#furtherChanges++;
    this.#onChange(change);
  }
}

/** The value that a share of blocks like those of calibration exceeds at most: conformal, so never the sample quantile. */
function limitOf(ascending: readonly number[]): number {
  const rank = Math.max(1, Math.floor(RATE * (ascending.length + 1)));
  return ascending[ascending.length - rank]!;
}
