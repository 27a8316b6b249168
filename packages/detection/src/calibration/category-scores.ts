import type { CategoryScoresDocument } from '@edgeguard/contracts';
import { pValueTable } from '../threshold/p-value-table.ts';

/** Fewer rows than these support no threshold that anybody asks for; further categories of a feature are pooled too. */
const FEWEST_ROWS = 100;
const MAX_GROUPS = 16;
/** Groups' tables are coarser than that of all rows: thresholds are rounded up, to the safe side. */
const TABLE = { exact: 20, step: 1.1 };

/** The codes of a category feature in calibration rows. */
export interface CategoryCodes {
  readonly feature: string;
  /** What codes 1..n stand for. */
  readonly categories: readonly string[];
  readonly codes: Uint16Array;
}

/** Scores of calibration rows by the categories of a feature, the largest groups first, and of all others together. */
export function categoryScores(
  scores: Float32Array,
  { feature, categories, codes }: CategoryCodes,
): CategoryScoresDocument {
  const rowsOf = new Map<number, number[]>();
  for (const [row, code] of codes.entries()) {
    const known = rowsOf.get(code);
    if (known) known.push(row);
    else rowsOf.set(code, [row]);
  }
  const tableOf = (rows: readonly number[]) =>
    pValueTable(
      Float32Array.from(rows, (row) => scores[row]!),
      TABLE,
    );
  const large = [...rowsOf]
    .filter(([code, rows]) => code > 0 && rows.length >= FEWEST_ROWS)
    .sort(([a, first], [b, second]) => second.length - first.length || a - b)
    .slice(0, MAX_GROUPS);
  const own = new Set(large.map(([code]) => code));
  const rest = [...rowsOf].flatMap(([code, rows]) => (own.has(code) ? [] : rows));
  return {
    feature,
    groups: large.map(([code, rows]) => ({
      code,
      category: categories[code - 1] ?? String(code),
      pValues: tableOf(rows),
    })),
    ...(rest.length > 0 ? { rest: tableOf(rest) } : {}),
  };
}
