import type { NormalGroup, TransformDocument } from '@edgeguard/contracts';
import { groupMeans, groupSizes, kMeans, nearestCentres, SeededRandom, TransformEvaluator } from '@edgeguard/transform';

/** Groups that are looked for, and the fewest rows of one that is kept: smaller ones join the nearest of the others. */
const GROUPS = 32;
const FEWEST_ROWS = 25;
const ROUNDS = 8;
/** Significant digits of what is kept. */
const DIGITS = 5;

/**
 * Groups train rows that are alike: k-means in the transformed space. The same rows and seed give the same groups.
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
  const points = { values: new Float32Array(count * evaluator.outputWidth), count, width: evaluator.outputWidth };
  evaluator.apply(rows, count, points.values, new Float32Array(count * width));
  const found = kMeans(points, GROUPS, ROUNDS, new SeededRandom(seed));
  const sizes = groupSizes(found.groupOf, found.centres.length);
  const large = found.centres.filter((_, group) => sizes[group]! >= FEWEST_ROWS);
  // Too few rows for any group of that size: all of them are one.
  const groupOf = nearestCentres(points, large.length > 0 ? large : groupMeans(points, new Uint32Array(count), 1));
  const groups: NormalGroup[] = [];
  for (let group = 0; group < Math.max(1, large.length); group++) {
    const members = Array.from(groupOf.keys()).filter((row) => groupOf[row] === group);
    if (members.length > 0) groups.push(describe(transform, rows, members));
  }
  return groups.sort((a, b) => b.rows - a.rows);
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
