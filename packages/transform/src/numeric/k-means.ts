import type { SeededRandom } from '../seeded-random.ts';

/** Points to group: `count` rows of `width` values, row major. */
export interface Points {
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

/** Centres with the one that is nearest to each point. */
export interface Grouping {
  readonly centres: readonly Float64Array[];
  readonly groupOf: Uint32Array;
}

/**
 * k-means (Lloyd), begun as k-means++ does (Arthur and Vassilvitskii 2007). Centres that lose all their points are dropped, so
 * there may be fewer than asked for. The same points and random numbers give the same bits.
 *
 * @param rounds how often centres are moved
 */
export function kMeans(points: Points, groups: number, rounds: number, random: SeededRandom): Grouping {
  let centres = firstCentres(points, groups, random);
  let groupOf = nearestCentres(points, centres);
  for (let round = 0; round < rounds; round++) {
    centres = groupMeans(points, groupOf, centres.length);
    groupOf = nearestCentres(points, centres);
  }
  return { centres, groupOf };
}

/** For each point the number of the centre nearest to it. */
export function nearestCentres(points: Points, centres: readonly Float64Array[]): Uint32Array {
  const groupOf = new Uint32Array(points.count);
  for (let row = 0; row < points.count; row++) {
    const point = at(points, row);
    let least = Number.POSITIVE_INFINITY;
    for (let group = 0; group < centres.length; group++) {
      const distance = squaredDistance(point, centres[group]!);
      if (distance >= least) continue;
      least = distance;
      groupOf[row] = group;
    }
  }
  return groupOf;
}

/** Means of the groups that have points. */
export function groupMeans(points: Points, groupOf: Uint32Array, groups: number): Float64Array[] {
  const sums = Array.from({ length: groups }, () => new Float64Array(points.width));
  for (let row = 0; row < points.count; row++) {
    const sum = sums[groupOf[row]!]!;
    const point = at(points, row);
    for (let i = 0; i < sum.length; i++) sum[i]! += point[i]!;
  }
  const sizes = groupSizes(groupOf, groups);
  return sums.flatMap((sum, group) => (sizes[group] === 0 ? [] : [sum.map((value) => value / sizes[group]!)]));
}

/** How many points each group has. */
export function groupSizes(groupOf: Uint32Array, groups: number): Uint32Array {
  const sizes = new Uint32Array(groups);
  for (const group of groupOf) sizes[group]!++;
  return sizes;
}

/** Each centre is a point, drawn by its squared distance to the nearest of those before it. */
function firstCentres(points: Points, groups: number, random: SeededRandom): Float64Array[] {
  const { count } = points;
  const centres = [Float64Array.from(at(points, random.below(count)))];
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  while (centres.length < groups) {
    let total = 0;
    for (let row = 0; row < count; row++) {
      nearest[row] = Math.min(nearest[row]!, squaredDistance(at(points, row), centres.at(-1)!));
      total += nearest[row]!;
    }
    if (total === 0) break;
    let rest = random.uniform() * total;
    let chosen = 0;
    while (chosen < count - 1 && (rest -= nearest[chosen]!) > 0) chosen++;
    centres.push(Float64Array.from(at(points, chosen)));
  }
  return centres;
}

function at({ values, width }: Points, row: number): Float32Array {
  return values.subarray(row * width, (row + 1) * width);
}

function squaredDistance(point: Float32Array, centre: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < centre.length; i++) sum += (point[i]! - centre[i]!) ** 2;
  return sum;
}
