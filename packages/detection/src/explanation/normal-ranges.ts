import type { DetectorDocument, NormalGroup } from '@edgeguard/contracts';

/** Far beyond the spread of train rows all distances are the same: an anomaly must not choose its own neighbours. */
const LARGEST_DISTANCE = 1;

/** Finds the normal records that a row is closest to, among the groups that a detector carries. */
export class NormalRanges {
  readonly #groups: readonly NormalGroup[];
  /** Middles of the groups [groups, F], on the scale of distances. */
  readonly #middles: Float64Array;
  readonly #scales: readonly Scale[];
  readonly #point: Float64Array;

  constructor({ normals = [], schema, baselines }: DetectorDocument) {
    this.#groups = normals;
    this.#scales = schema.features.map((feature, f) => scaleOf(feature, baselines[f]!));
    const width = schema.features.length;
    this.#point = new Float64Array(width);
    this.#middles = new Float64Array(normals.length * width);
    normals.forEach((group, g) => {
      for (let f = 0; f < width; f++) this.#middles[g * width + f] = this.#scales[f]!(group.middle[f]!);
    });
  }

  /**
   * The group with the least sum of distances over the features but those that are in question. Undefined where the
   * detector carries none.
   *
   * @param row     raw values [F]
   * @param without indices of the features that made the row anomalous
   */
  nearest(row: ArrayLike<number>, without: readonly number[]): NormalGroup | undefined {
    const point = this.#point;
    const width = point.length;
    for (let f = 0; f < width; f++) point[f] = this.#scales[f]!(row[f]!);
    // A distance to NaN is not counted.
    for (const f of without) point[f] = Number.NaN;
    let best: NormalGroup | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [g, group] of this.#groups.entries()) {
      let sum = 0;
      for (let f = 0; f < width; f++) {
        const distance = Math.abs(point[f]! - this.#middles[g * width + f]!);
        if (distance > 0) sum += Math.min(distance, LARGEST_DISTANCE);
      }
      if (sum >= least) continue;
      least = sum;
      best = group;
    }
    return best;
  }
}

type Scale = (value: number) => number;

/** Takes a value to where the middle 90 % of train rows are one unit wide; amounts by their logarithm, categories far apart. */
function scaleOf(
  { kind, logScale }: DetectorDocument['schema']['features'][number],
  { p05, p95 }: DetectorDocument['baselines'][number],
): Scale {
  if (kind === 'category') return (value) => value * LARGEST_DISTANCE;
  const isAmount = kind === 'count' || kind === 'bytes' || kind === 'seconds';
  const size = logScale ?? 1;
  const shape: Scale = isAmount || logScale !== undefined ? (value) => Math.log1p(Math.max(0, value) / size) : (v) => v;
  const spread = shape(p95) - shape(p05);
  const rate = 1 / (spread > 0 ? spread : 1);
  return (value) => shape(value) * rate;
}
