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
  const seen = sortedUnion(earlier);
  const normal = labelCode('normal');
  const attack = labelCode('attack');
  const isNew = new Uint8Array(test.length);
  let normalSeenBefore = 0;
  let attackSeenBefore = 0;
  let repeated = 0;
  // Sorted by hash, then by place: equal rows stand together, the earliest first.
  const order = Uint32Array.from(test, (_, row) => row).sort((a, b) => test[a]! - test[b]! || a - b);
  for (let from = 0; from < order.length;) {
    const hash = test[order[from]!]!;
    const isSeen = includes(seen, hash);
    let isCounted = false;
    for (; from < order.length && test[order[from]!] === hash; from++) {
      const row = order[from]!;
      const label = rows.label[row];
      // Rows that are not counted take no part: they must not turn a counted one into a repetition.
      if (label !== normal && label !== attack) isNew[row] = isSeen ? 0 : 1;
      else if (isSeen) {
        if (label === normal) normalSeenBefore++;
        else attackSeenBefore++;
      } else if (isCounted) repeated++;
      else {
        isNew[row] = 1;
        isCounted = true;
      }
    }
  }
  return { normalSeenBefore, attackSeenBefore, repeated, isNew };
}

/** All values, ascending. A sorted array takes any number of rows; a Set has a limit, and ten times the size. */
function sortedUnion(lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

function includes(ascending: Float64Array, value: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === value;
}
