import type { NormalGroup, TransformDocument } from '@edgeguard/contracts';
import { SeededRandom, TransformEvaluator } from '@edgeguard/transform';

/** Groups that are looked for, and the fewest rows of one that is kept: smaller ones join the nearest of the others. */
const GROUPS = 32;
const FEWEST_ROWS = 25;
const ROUNDS = 8;
/** Significant digits of what is kept. */
const DIGITS = 5;

/**
 * Groups train rows that are alike: k-means in the transformed space, begun as k-means++ does (Arthur and Vassilvitskii
 * 2007). The same rows and seed give the same groups.
 *
 * @param rows raw train rows [count, F], finite
 */
export function normalGroups(
  transform: TransformDocument,
  rows: Float32Array,
  count: number,
  seed: number,
): NormalGroup[] {
  const width = transform.schema.features.length;
  const evaluator = new TransformEvaluator(transform);
  const points = new Points(new Float32Array(count * evaluator.outputWidth), evaluator.outputWidth);
  evaluator.apply(rows, count, points.values, new Float32Array(count * width));
  let centres = firstCentres(points, count, new SeededRandom(seed));
  let groupOf = assign(points, count, centres);
  for (let round = 0; round < ROUNDS; round++) {
    centres = means(points, groupOf, centres.length);
    groupOf = assign(points, count, centres);
  }
  const sizes = sizesOf(groupOf, centres.length);
  const large = centres.filter((_, group) => sizes[group]! >= FEWEST_ROWS);
  // Too few rows for any group of that size: all of them are one.
  groupOf = assign(points, count, large.length > 0 ? large : means(points, new Uint32Array(count), 1));
  const groups: NormalGroup[] = [];
  for (let group = 0; group < Math.max(1, large.length); group++) {
    const members = Array.from(groupOf.keys()).filter((row) => groupOf[row] === group);
    if (members.length > 0) groups.push(describe(transform, rows, members));
  }
  return groups.sort((a, b) => b.rows - a.rows);
}

class Points {
  readonly values: Float32Array;
  readonly width: number;

  constructor(values: Float32Array, width: number) {
    this.values = values;
    this.width = width;
  }

  at(row: number): Float32Array {
    return this.values.subarray(row * this.width, (row + 1) * this.width);
  }
}

/** Each centre is a row, drawn by its squared distance to the nearest of those before it. */
function firstCentres(points: Points, count: number, random: SeededRandom): Float64Array[] {
  const centres = [Float64Array.from(points.at(random.below(count)))];
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  while (centres.length < GROUPS) {
    let total = 0;
    for (let row = 0; row < count; row++) {
      nearest[row] = Math.min(nearest[row]!, squaredDistance(points.at(row), centres.at(-1)!));
      total += nearest[row]!;
    }
    if (total === 0) break;
    let rest = random.uniform() * total;
    let chosen = 0;
    while (chosen < count - 1 && (rest -= nearest[chosen]!) > 0) chosen++;
    centres.push(Float64Array.from(points.at(chosen)));
  }
  return centres;
}

function assign(points: Points, count: number, centres: readonly Float64Array[]): Uint32Array {
  const groupOf = new Uint32Array(count);
  for (let row = 0; row < count; row++) {
    const point = points.at(row);
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

/** Means of the groups that have rows. */
function means(points: Points, groupOf: Uint32Array, groups: number): Float64Array[] {
  const sums = Array.from({ length: groups }, () => new Float64Array(points.width));
  for (let row = 0; row < groupOf.length; row++) {
    const sum = sums[groupOf[row]!]!;
    const point = points.at(row);
    for (let i = 0; i < sum.length; i++) sum[i]! += point[i]!;
  }
  const sizes = sizesOf(groupOf, groups);
  return sums.flatMap((sum, group) => (sizes[group] === 0 ? [] : [sum.map((value) => value / sizes[group]!)]));
}

function sizesOf(groupOf: Uint32Array, groups: number): Uint32Array {
  const sizes = new Uint32Array(groups);
  for (const group of groupOf) sizes[group]!++;
  return sizes;
}

function squaredDistance(point: Float32Array, centre: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < centre.length; i++) sum += (point[i]! - centre[i]!) ** 2;
  return sum;
}

function describe({ schema }: TransformDocument, rows: Float32Array, members: readonly number[]): NormalGroup {
  const width = schema.features.length;
  const values = new Float32Array(members.length);
  const group: NormalGroup = { rows: members.length, low: [], middle: [], high: [] };
  for (const [f, { kind }] of schema.features.entries()) {
    for (const [i, row] of members.entries()) values[i] = rows[row * width + f]!;
    values.sort();
    const quantile = (share: number): number =>
      Number(values[Math.round(share * (values.length - 1))]!.toPrecision(DIGITS));
    const code = kind === 'category' ? mostFrequent(values) : undefined;
    group.low.push(code ?? quantile(0.05));
    group.middle.push(code ?? quantile(0.5));
    group.high.push(code ?? quantile(0.95));
  }
  return group;
}

/** The most frequent of sorted values; the smallest of equally frequent ones. */
function mostFrequent(sorted: Float32Array): number {
  let best = sorted[0]!;
  let longest = 0;
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    if (to - from > longest) {
      longest = to - from;
      best = sorted[from]!;
    }
    from = to;
  }
  return best;
}
