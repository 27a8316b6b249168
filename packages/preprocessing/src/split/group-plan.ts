import { type Column, type SplitShares, UserError } from '@edgeguard/contracts';
import type { DatasetBatch } from '@edgeguard/contracts/arrow';
import { SeededRandom } from '@edgeguard/transform';
import { isUsableNormal, type LabelledRows } from '../rows/labelled-rows.ts';
import { assertNormalRows } from './assert-enough-rows.ts';
import { assertTestFilesExist } from './test-files.ts';
import { OUTCOME, type SplitPlan } from './split-plan.ts';

/** Groups kept at once. More than that is no grouping but a name for every row. */
const MAX_GROUPS = 1_000_000;

export interface GroupPlanOptions {
  readonly place: string;
  readonly column: Column;
  readonly part: 'groups' | 'files';
  readonly shares: SplitShares;
  readonly seed: number;
  /** Groups whose rows are the test split; without any, groups are drawn for it as for the others. */
  readonly test: readonly string[];
}

/**
 * Splits by the values of a column; each value is in one split. Groups of similar size are drawn in random order, large
 * ones first, and each goes to the split that lacks the most normal rows. Groups without a normal row go to test where no
 * test group is named.
 */
export async function planByGroup(survey: AsyncIterable<LabelledRows>, options: GroupPlanOptions): Promise<SplitPlan> {
  const { column, part } = options;
  const normalRows = await countNormalRows(survey, options);
  assertTestFilesExist(options.place, options.test, normalRows.keys());
  assertNormalRows(
    options.place,
    [...normalRows.values()].reduce((sum, rows) => sum + rows, 0),
  );
  const splits = draw(normalRows, options);
  return {
    part,
    assign(rows, outcomes) {
      const groups = groupsOf(rows.batch, column);
      for (let row = 0; row < rows.length; row++) outcomes[row] = splits.get(String(groups[row]))!;
    },
  };
}

async function countNormalRows(
  survey: AsyncIterable<LabelledRows>,
  { column, place }: GroupPlanOptions,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const rows of survey) {
    const groups = groupsOf(rows.batch, column);
    for (let row = 0; row < rows.length; row++) {
      const group = String(groups[row]);
      counts.set(group, (counts.get(group) ?? 0) + (isUsableNormal(rows, row) ? 1 : 0));
    }
    if (counts.size > MAX_GROUPS) {
      throw new UserError(
        place,
        `column ${column.name} has more than ${MAX_GROUPS} different values`,
        'split by a column with fewer (preprocess.split.column)',
      );
    }
  }
  return counts;
}

function draw(normalRows: ReadonlyMap<string, number>, options: GroupPlanOptions): Map<string, number> {
  const { shares, test } = options;
  const splits = new Map<string, number>();
  for (const group of normalRows.keys()) if (test.includes(group)) splits.set(group, OUTCOME.test);
  const open = [...normalRows].filter(([group]) => !splits.has(group));
  const total = open.reduce((sum, [, rows]) => sum + rows, 0);
  const parts = [shares.train, shares.validation, shares.calibration, test.length > 0 ? 0 : shares.test];
  const whole = parts.reduce((sum, share) => sum + share, 0);
  const missing = parts.map((share) => (share / whole) * total);
  for (const [group, rows] of inDrawingOrder(open, options.seed)) {
    const split = rows === 0 ? (test.length > 0 ? OUTCOME.train : OUTCOME.test) : missing.indexOf(Math.max(...missing));
    missing[split]! -= rows;
    splits.set(group, split);
  }
  return splits;
}

/** Groups by falling power of two of their size, those of one power in random order. */
function inDrawingOrder(groups: readonly [string, number][], seed: number): [string, number][] {
  const random = new SeededRandom(seed);
  return groups
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, rows]) => ({ group, rows, magnitude: Math.ceil(Math.log2(rows + 1)), lot: random.uint32() }))
    .sort((a, b) => b.magnitude - a.magnitude || a.lot - b.lot || (a.group < b.group ? -1 : 1))
    .map(({ group, rows }) => [group, rows]);
}

function groupsOf(batch: DatasetBatch, { name, type }: Column): ArrayLike<unknown> {
  if (type === 'utf8') return batch.strings(name);
  return type === 'int64' || type === 'timestamp' ? batch.bigints(name) : batch.numbers(name);
}
