import type { DistanceConfig, DistanceDocument } from '@edgeguard/contracts';
import { groupSizes, kMeans, type Points, SeededRandom } from '@edgeguard/transform';

/** How often centres are moved. */
const ROUNDS = 25;

/** So many rows with the deviations of all centres together are added to those of each, which may have but a few rows. */
const COMMON_ROWS = 10;

/** Centres with their deviations, [K, D] each, as float32 values. */
export type Centres = Pick<DistanceDocument, 'deviationFloor' | 'centres' | 'deviations'>;

/**
 * Centres of train rows in the transformed space by k-means, and the deviation of every model input around each: a diagonal
 * Gaussian mixture with hard assignment. There are fewer centres than asked for where rows are too much alike. The same rows
 * and seed give the same bits.
 *
 * @param points model inputs of train rows, at least one
 */
export function fitCentres(points: Points, settings: Omit<DistanceConfig, 'share'>, seed: number): Centres {
  const { values, count, width } = points;
  const { centres, groupOf } = kMeans(points, Math.min(settings.centres, count), ROUNDS, new SeededRandom(seed));
  const squares = centres.map(() => new Float64Array(width));
  const common = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    const group = groupOf[row]!;
    for (let i = 0; i < width; i++) {
      const square = (values[row * width + i]! - centres[group]![i]!) ** 2;
      squares[group]![i]! += square;
      common[i]! += square / count;
    }
  }
  const sizes = groupSizes(groupOf, centres.length);
  const deviationFloor = Math.fround(settings.deviationFloor);
  const deviations = squares.flatMap((sums, group) =>
    Array.from(sums, (sum, i) => {
      const variance = (sum + COMMON_ROWS * common[i]!) / (sizes[group]! + COMMON_ROWS);
      return Math.max(Math.fround(Math.sqrt(variance)), deviationFloor);
    }),
  );
  return { deviationFloor, centres: centres.flatMap((centre) => Array.from(centre, Math.fround)), deviations };
}
