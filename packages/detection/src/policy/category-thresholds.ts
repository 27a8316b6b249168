import { type DetectorDocument, type PValueTableDocument, UserError } from '@edgeguard/contracts';
import { largestRank } from '../threshold/conformal-threshold.ts';
import { nextFloat32, pValue } from '../threshold/p-value-table.ts';
import { entryOfRank } from './table-entry.ts';

/** The threshold of the rows of a category. */
export interface CategoryThreshold {
  /** Code of the category, and its name. */
  readonly code: number;
  readonly category: string;
  readonly threshold: number;
  readonly rows: number;
  readonly rank: number;
  /** Its own promise asked for a looser threshold than is allowed: it is not kept. */
  readonly capped: boolean;
}

/** Thresholds by the category of a feature. */
export interface CategoryThresholds {
  readonly feature: string;
  /** No threshold is more than so many times the one for all rows. */
  readonly loosest: number;
  /** Of each group's own promise: the confidence is split over the groups (Bonferroni), so that all hold together. */
  readonly confidence: number;
  readonly groups: readonly CategoryThreshold[];
  /** For every other category, unknown ones too: those that are too small for a threshold of their own, pooled. */
  readonly rest: {
    readonly threshold: number;
    readonly rows: number;
    readonly pooled: boolean;
    /** As for a group of its own. */
    readonly capped: boolean;
  };
}

export interface CategoryOptions {
  /** All groups' promises together. Default 0.95. */
  readonly confidence?: number;
  /**
   * At least 1; default 1.25. An attacker chooses the category: where one category's scores are high by nature, its own
   * threshold would be a door.
   */
  readonly loosest?: number;
}

export const LOOSEST = 1.25;

/**
 * A threshold for each category, so that rows of every category raise alarms at a rate of at most `falseAlarmRate`. Groups
 * that cannot support it are pooled with the rare ones; where the pool cannot either, it has the threshold for all rows.
 *
 * @param global the threshold for all rows
 * @throws UserError where the detector knows no such feature
 */
export function chooseCategoryThresholds(
  document: DetectorDocument,
  feature: string,
  falseAlarmRate: number,
  global: number,
  options: CategoryOptions = {},
): CategoryThresholds {
  const { confidence = 0.95, loosest = LOOSEST } = options;
  const known = document.calibration?.categories ?? [];
  const scores = known.find((each) => each.feature === feature);
  if (!scores) {
    const names = known.map((each) => each.feature);
    const remedy = names.length > 0 ? `name one of ${names.join(', ')}` : 'convert again, or do without categories';
    throw new UserError(`detector ${document.name}`, `it has no scores by the categories of "${feature}"`, remedy);
  }
  const each = 1 - (1 - confidence) / (scores.groups.length + 1);
  const wanted = { falseAlarmRate, confidence: each };
  // Below 0 a factor would turn around: there no group is looser than all rows.
  const limit = global > 0 ? global * loosest : global;
  const supports = ({ pValues }: { pValues: PValueTableDocument }): boolean => largestRank(pValues.rows, wanted) > 0;
  const groups = scores.groups.filter(supports).map(({ code, category, pValues }) => {
    const { threshold, rank } = entryOfRank(pValues, largestRank(pValues.rows, wanted));
    const capped = threshold > limit;
    return { code, category, threshold: capped ? limit : threshold, rows: pValues.rows, rank, capped };
  });
  const small = scores.groups.filter((group) => !supports(group)).map(({ pValues }) => pValues);
  const pool = mergeTables(scores.rest ? [...small, scores.rest] : small);
  const rank = pool ? largestRank(pool.rows, wanted) : 0;
  const pooled = pool !== undefined && rank > 0;
  const own = pooled ? entryOfRank(pool, rank).threshold : global;
  return {
    feature,
    loosest,
    confidence: each,
    groups,
    rest: {
      threshold: Math.min(limit, own),
      rows: pool?.rows ?? 0,
      pooled,
      capped: own > limit,
    },
  };
}

/** The share of normal rows above thresholds by category: an upper bound where the tables of categories are coarse. Throws a UserError where the detector has none. */
export function categoryRate(document: DetectorDocument, categories: CategoryThresholds): number {
  const { pValues, calibration } = document;
  const scores = calibration?.categories.find(({ feature }) => feature === categories.feature);
  if (!scores) {
    const problem = `it has no scores by the categories of "${categories.feature}"`;
    throw new UserError(`detector ${document.name}`, problem, 'choose a threshold again');
  }
  const own = new Map(categories.groups.map(({ code, threshold }) => [code, threshold]));
  const { rest } = categories;
  const above = (table: PValueTableDocument, threshold: number): number =>
    Math.round(pValue(table, nextFloat32(threshold)) * (table.rows + 1)) - 1;
  const others = scores.rest ? above(scores.rest, rest.threshold) : 0;
  const alarms = scores.groups.reduce(
    (sum, group) => sum + above(group.pValues, own.get(group.code) ?? rest.threshold),
    others,
  );
  return (1 + alarms) / (pValues.rows + 1);
}

/** The table of the rows of several tables; where these are coarse, counts are rounded up as there. */
function mergeTables(tables: readonly PValueTableDocument[]): PValueTableDocument | undefined {
  if (tables.length === 0) return undefined;
  const scores = [...new Set(tables.flatMap((table) => table.scores))].sort((a, b) => b - a);
  const countAt = (table: PValueTableDocument, score: number): number =>
    Math.round(pValue(table, score) * (table.rows + 1)) - 1;
  return {
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    scores,
    atLeast: scores.map((score) => tables.reduce((sum, table) => sum + countAt(table, score), 0)),
  };
}
