import type { RowSample } from './row-sample.ts';

const DECILES = 10;
/** Between the deciles, below the smallest and above the largest value of train. */
const BINS = DECILES + 2;

/** Counts rows of a split in bins of each feature; the edges are smallest value, deciles and largest value of train. */
export class FeatureBins {
  readonly #edges: readonly Float32Array[];
  readonly #width: number;

  /** @param train a sample of raw train rows [.., width] */
  constructor(train: RowSample, width: number) {
    this.#width = width;
    this.#edges = Array.from({ length: width }, (_, column) => decileEdges(train.sortedColumn(column)));
  }

  /** Empty counts for {@link add}. */
  start(): Uint32Array {
    return new Uint32Array(this.#width * BINS);
  }

  /** Counts the row that starts at `start`. */
  add(counts: Uint32Array, rows: Float32Array, start: number): void {
    for (let column = 0; column < this.#width; column++) {
      const edges = this.#edges[column]!;
      const value = rows[start + column]!;
      let bin = 0;
      while (bin < edges.length && value > edges[bin]!) bin++;
      counts[column * BINS + bin]!++;
    }
  }

  /**
   * Population stability index of a feature between two counts: the sum over bins of (q - p) ln(q / p), which is the
   * symmetric Kullback–Leibler divergence of the binned values. Half a row is added to each bin, so that an empty one
   * does not give infinity.
   */
  stability(column: number, expected: Uint32Array, actual: Uint32Array): number {
    const bins = this.#edges[column]!.length + 1;
    const from = column * BINS;
    let expectedRows = bins / 2;
    let actualRows = bins / 2;
    for (let bin = 0; bin < bins; bin++) {
      expectedRows += expected[from + bin]!;
      actualRows += actual[from + bin]!;
    }
    let index = 0;
    for (let bin = 0; bin < bins; bin++) {
      const p = (expected[from + bin]! + 0.5) / expectedRows;
      const q = (actual[from + bin]! + 0.5) / actualRows;
      index += (q - p) * Math.log(q / p);
    }
    return index;
  }
}

/**
 * Upper ends of all bins but the last. A feature of few values has a bin for each; what train never had falls below the
 * first or above the last.
 */
function decileEdges(sorted: Float32Array): Float32Array {
  const edges = new Set<number>([below(sorted[0]!)]);
  for (let i = 1; i <= DECILES; i++) edges.add(sorted[Math.ceil((i / DECILES) * sorted.length) - 1]!);
  return Float32Array.from(edges).sort();
}

/** A float32 a little smaller than a value: a row above it is at least that value. */
function below(value: number): number {
  return value - Math.max(Math.abs(value) * 2 ** -22, 2 ** -126);
}
