import type { DriftBaselineDocument, PValueTableDocument } from '@edgeguard/contracts';
import { type FeatureBins, stabilityIndex } from './feature-bins.ts';
import { isOneWay } from './one-way.ts';
import { scoreDistance } from './score-distance.ts';

/** Blocks that calibration rows are cut into, the fewest that say anything, and the rows of a block. */
const BLOCKS = 40;
const FEWEST_BLOCKS = 20;
const FEWEST_ROWS = 100;
const MOST_ROWS = 10_000;
/** A bin is frequent with this share of train rows. */
const FREQUENT = 0.05;

/** Rows of a block, for so many calibration rows; undefined where they are too few for any. */
export function driftBlockRows(calibrationRows: number): number | undefined {
  const rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.floor(calibrationRows / BLOCKS)));
  return calibrationRows < FEWEST_BLOCKS * rows ? undefined : rows;
}

/** Looks at blocks of calibration rows: what the indices of blocks are when nothing has changed. */
export class DriftBaselineBuilder {
  readonly #bins: FeatureBins;
  readonly #train: Uint32Array;
  readonly #blockRows: number;
  /** For each block the index of each feature. */
  readonly #indices: Float64Array[] = [];
  readonly #always: Uint8Array;
  readonly #varies: Uint8Array;
  readonly #block: BlockCounts;
  readonly #directions: readonly number[];
  /** In the block that is being filled, and at most in any before. */
  #oneWay = 0;
  #mostOneWay = 0;

  /**
   * @param train      rows of the train split in each bin
   * @param directions places of the features that compare the two directions of a flow
   */
  constructor(bins: FeatureBins, train: Uint32Array, blockRows: number, directions: readonly number[] = []) {
    this.#directions = directions;
    this.#bins = bins;
    this.#train = train;
    this.#blockRows = blockRows;
    this.#always = new Uint8Array(train.length).fill(1);
    this.#varies = new Uint8Array(bins.edges.length).fill(1);
    this.#block = new BlockCounts(bins);
  }

  /** Takes the next rows [count, F], in the order of traffic time. A last block that is not full is left out. */
  add(rows: Float32Array, count: number): void {
    const width = this.#bins.edges.length;
    for (let row = 0; row < count; row++) {
      this.#block.add(rows, row * width);
      if (isOneWay(rows, row * width, this.#directions)) this.#oneWay++;
      if (this.#block.rows === this.#blockRows) this.#endBlock();
    }
  }

  /**
   * @param pValues the table of all calibration scores
   * @param scores  of the rows that were added, in order
   */
  finish(pValues: PValueTableDocument, scores: Float32Array): DriftBaselineDocument {
    const blocks = this.#indices.length;
    const width = this.#bins.edges.length;
    const sums = new Float64Array(width);
    for (const indices of this.#indices) for (let f = 0; f < width; f++) sums[f]! += indices[f]!;
    const floors = this.#bins.edges.map((edges) => samplingIndex(edges.length + 1, this.#blockRows));
    const largest = this.#indices.map((indices) => {
      let most = 0;
      for (let f = 0; f < width; f++) {
        const others = (sums[f]! - indices[f]!) / Math.max(1, blocks - 1);
        most = Math.max(most, indices[f]! / Math.max(others, floors[f]!));
      }
      return most;
    });
    const distances = this.#indices.map((_, block) =>
      scoreDistance(pValues, scores.subarray(block * this.#blockRows, (block + 1) * this.#blockRows)),
    );
    const trainRows = this.#bins.of(0, this.#train).reduce((sum, rows) => sum + rows, 0);
    return {
      blockRows: this.#blockRows,
      blocks,
      features: this.#bins.edges.map((edges, f) => {
        const rows = this.#bins.of(f, this.#train);
        const always = this.#bins.of(f, this.#alwaysCounts());
        return {
          edges: [...edges],
          rows: [...rows],
          mean: round(Math.max(sums[f]! / blocks, floors[f]!)),
          always: Array.from(rows.keys()).filter((bin) => always[bin] === 1 && rows[bin]! >= FREQUENT * trainRows),
          varies: this.#varies[f] === 1,
        };
      }),
      largest: largest.sort((a, b) => a - b).map(round),
      scoreDistance: distances.sort((a, b) => a - b).map(round),
      ...(this.#directions.length > 0 ? { oneWay: round(this.#mostOneWay / this.#blockRows) } : {}),
    };
  }

  #alwaysCounts(): Uint32Array {
    return Uint32Array.from(this.#always);
  }

  #endBlock(): void {
    const { counts } = this.#block;
    const width = this.#bins.edges.length;
    const indices = new Float64Array(width);
    for (let f = 0; f < width; f++) {
      indices[f] = stabilityIndex(this.#bins.of(f, this.#train), this.#bins.of(f, counts));
      if (this.#block.isConstant(f)) this.#varies[f] = 0;
    }
    for (let bin = 0; bin < counts.length; bin++) if (counts[bin] === 0) this.#always[bin] = 0;
    this.#indices.push(indices);
    this.#mostOneWay = Math.max(this.#mostOneWay, this.#oneWay);
    this.#oneWay = 0;
    this.#block.clear();
  }
}

/** Rows of a block in bins, with the range of each feature. */
export class BlockCounts {
  rows = 0;
  readonly counts: Uint32Array;
  readonly #bins: FeatureBins;
  readonly #low: Float32Array;
  readonly #high: Float32Array;

  constructor(bins: FeatureBins) {
    this.#bins = bins;
    this.counts = bins.start();
    this.#low = new Float32Array(bins.edges.length);
    this.#high = new Float32Array(bins.edges.length);
    this.clear();
  }

  /** Counts the row [F] that starts at `start`. */
  add(rows: Float32Array, start: number): void {
    this.#bins.add(this.counts, rows, start);
    for (let f = 0; f < this.#low.length; f++) {
      const value = rows[start + f]!;
      if (value < this.#low[f]!) this.#low[f] = value;
      if (value > this.#high[f]!) this.#high[f] = value;
    }
    this.rows++;
  }

  /** True where all rows have the same value of a feature. */
  isConstant(feature: number): boolean {
    return this.#low[feature] === this.#high[feature];
  }

  clear(): void {
    this.rows = 0;
    this.counts.fill(0);
    this.#low.fill(Number.POSITIVE_INFINITY);
    this.#high.fill(Number.NEGATIVE_INFINITY);
  }
}

/** What the index of independent rows of one distribution is on average: a chi-square of bins - 1 over the rows. */
function samplingIndex(bins: number, rows: number): number {
  return (bins - 1) / rows;
}

/** Six digits are more than any decision needs. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
