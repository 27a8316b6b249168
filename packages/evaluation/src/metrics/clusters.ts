import { labelCode, type LabelledRows } from './labelled-rows.ts';

/** What is resampled as a whole. */
export type ClusterUnit = 'day' | 'hour' | 'minute' | 'group' | 'row';

/** Each row's cluster. */
export interface Clusters {
  readonly unit: ClusterUnit;
  readonly count: number;
  /** Cluster of each row, 0..count - 1. */
  readonly of: Uint32Array;
}

/** Fewer clusters than this say little about how figures vary. */
const FEWEST_CLUSTERS = 20;

const NANOSECONDS: readonly (readonly [ClusterUnit, bigint])[] = [
  ['day', 86_400_000_000_000n],
  ['hour', 3_600_000_000_000n],
  ['minute', 60_000_000_000n],
];

/**
 * Clusters of rows that depend on each other: the coarsest unit of traffic time of which there are enough, else the
 * group or file that rows come from, else single rows.
 *
 * @param group for each row a number that stands for its group or file, where there is one
 */
export function clusterRows(rows: LabelledRows, group?: Uint32Array): Clusters {
  const { time } = rows;
  if (time) {
    for (const [unit, length] of NANOSECONDS) {
      const clusters = numbered(unit, rows, (row) => time[row]! / length);
      if (clusters.count >= FEWEST_CLUSTERS) return clusters;
    }
  }
  if (group) {
    const clusters = numbered('group', rows, (row) => group[row]!);
    if (clusters.count >= FEWEST_CLUSTERS) return clusters;
  }
  return { unit: 'row', count: rows.rows, of: Uint32Array.from({ length: rows.rows }, (_, row) => row) };
}

/** Numbers the clusters of counted rows in the order in which they appear. */
function numbered(unit: ClusterUnit, rows: LabelledRows, keyOf: (row: number) => bigint | number): Clusters {
  const numbers = new Map<bigint | number, number>();
  const of = new Uint32Array(rows.rows);
  const counted = new Set([labelCode('normal'), labelCode('attack')]);
  for (let row = 0; row < rows.rows; row++) {
    if (!counted.has(rows.label[row]!)) continue;
    const key = keyOf(row);
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
    }
    of[row] = number;
  }
  return { unit, count: numbers.size, of };
}
