import { labelCode, type LabelledRows } from '../metrics/labelled-rows.ts';

/** Rows of the test split whose features occur, value for value, elsewhere. */
export interface SharedRows {
  /** Normal and attack test rows that also occur in train, validation or calibration. */
  readonly normalSeenBefore: number;
  readonly attackSeenBefore: number;
  /** Normal and attack test rows that repeat an earlier test row and are not among the above. */
  readonly repeated: number;
  /** 1 for each test row that is new: neither seen before nor a repetition. */
  readonly isNew: Uint8Array;
}

/**
 * Finds test rows that are no test: a detector has seen the same values before, or they were counted already.
 *
 * @param earlier hashes of the rows of the splits before
 * @param test    hashes of the test rows
 */
export function findSharedRows(earlier: readonly Float64Array[], test: Float64Array, rows: LabelledRows): SharedRows {
  const seen = new Set<number>();
  for (const hashes of earlier) for (const hash of hashes) seen.add(hash);
  const normal = labelCode('normal');
  const attack = labelCode('attack');
  const isNew = new Uint8Array(test.length);
  const within = new Set<number>();
  let normalSeenBefore = 0;
  let attackSeenBefore = 0;
  let repeated = 0;
  for (const [row, hash] of test.entries()) {
    const label = rows.label[row];
    const counts = label === normal || label === attack;
    if (seen.has(hash)) {
      if (label === normal) normalSeenBefore++;
      if (label === attack) attackSeenBefore++;
    } else if (within.has(hash)) {
      if (counts) repeated++;
    } else {
      isNew[row] = 1;
      // Rows that are not counted take no part: they must not turn a counted one into a repetition.
      if (counts) within.add(hash);
    }
  }
  return { normalSeenBefore, attackSeenBefore, repeated, isNew };
}
