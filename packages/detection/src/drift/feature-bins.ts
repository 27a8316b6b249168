const DECILES = 10;

/** Counts rows in bins of each feature. */
export class FeatureBins {
  /** For each feature the upper ends of all bins but the last. */
  readonly edges: readonly Float32Array[];
  /** Where each feature's bins begin in an array of counts, and behind the last feature's. */
  readonly #from: Uint32Array;

  constructor(edges: readonly Float32Array[]) {
    this.edges = edges;
    this.#from = new Uint32Array(edges.length + 1);
    for (const [column, { length }] of edges.entries()) this.#from[column + 1] = this.#from[column]! + length + 1;
  }

  /** Empty counts for {@link add}. */
  start(): Uint32Array {
    return new Uint32Array(this.#from.at(-1)!);
  }

  /** The bins of one feature, a view of `counts`. */
  of(column: number, counts: Uint32Array): Uint32Array {
    return counts.subarray(this.#from[column], this.#from[column + 1]);
  }

  /** Counts the row [width] that starts at `start`. */
  add(counts: Uint32Array, rows: Float32Array, start: number): void {
    for (let column = 0; column < this.edges.length; column++) {
      const edges = this.edges[column]!;
      const value = rows[start + column]!;
      let bin = 0;
      while (bin < edges.length && value > edges[bin]!) bin++;
      counts[this.#from[column]! + bin]!++;
    }
  }

  /** The population stability index of a feature between two counts; see {@link stabilityIndex}. */
  stability(column: number, expected: Uint32Array, actual: Uint32Array): number {
    return stabilityIndex(this.of(column, expected), this.of(column, actual));
  }
}

/**
 * Population stability index of two counts over the same bins: the sum of (q - p) ln(q / p), which is the symmetric
 * Kullback–Leibler divergence of the binned values. Half a row is added to each bin, so that an empty one does not give
 * infinity.
 */
export function stabilityIndex(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  const bins = expected.length;
  let expectedRows = bins / 2;
  let actualRows = bins / 2;
  for (let bin = 0; bin < bins; bin++) {
    expectedRows += expected[bin]!;
    actualRows += actual[bin]!;
  }
  let index = 0;
  for (let bin = 0; bin < bins; bin++) {
    const p = (expected[bin]! + 0.5) / expectedRows;
    const q = (actual[bin]! + 0.5) / actualRows;
    index += (q - p) * Math.log(q / p);
  }
  return index;
}

/**
 * Upper ends of all bins but the last: smallest value, deciles and largest value. A feature of few values has a bin for
 * each; what train never had falls below the first or above the last.
 *
 * @param sorted values of train rows, ascending
 */
export function decileEdges(sorted: Float32Array): Float32Array {
  const edges = new Set<number>([below(sorted[0]!)]);
  for (let i = 1; i <= DECILES; i++) edges.add(sorted[Math.ceil((i / DECILES) * sorted.length) - 1]!);
  return Float32Array.from(edges).sort();
}

/** One bin for each code of a category, and one for unknown. */
export function codeEdges(categories: number): Float32Array {
  return Float32Array.from({ length: categories }, (_, code) => code);
}

/** A float32 a little smaller than a value: a row above it is at least that value. */
function below(value: number): number {
  return value - Math.max(Math.abs(value) * 2 ** -22, 2 ** -126);
}
