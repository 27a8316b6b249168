// @ts-check

/** Rows that correlations are computed on: a rank correlation of so many rows has an error below 0.02. */
const ROWS = 10_000;

/**
 * Spearman's rank correlations of all pairs of columns; ties share their mean rank. Missing values take the middle rank, so
 * that they say nothing. NaN where a column has one value only.
 *
 * @param {readonly Float64Array[]} columns of one length, NaN where missing
 * @returns {Float64Array[]} symmetric
 */
export function rankCorrelations(columns) {
  const step = Math.max(1, Math.ceil((columns[0]?.length ?? 0) / ROWS));
  const ranks = columns.map((values) => standardRanks(values.filter((_, row) => row % step === 0)));
  const result = columns.map(() => new Float64Array(columns.length));
  for (const [i, a] of ranks.entries()) {
    for (let j = 0; j <= i; j++) {
      const b = ranks[j];
      let sum = 0;
      for (let row = 0; row < a.length; row++) sum += a[row] * b[row];
      result[i][j] = result[j][i] = sum;
    }
  }
  return result;
}

/**
 * Ranks with mean 0 and length 1; NaN when all are equal.
 *
 * @param {Float64Array} values
 */
function standardRanks(values) {
  const order = Array.from(values.keys())
    .filter((row) => !Number.isNaN(values[row]))
    .sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  const middle = (order.length - 1) / 2;
  let squares = 0;
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    const rank = (from + to - 1) / 2 - middle;
    for (let i = from; i < to; i++) ranks[order[i]] = rank;
    squares += rank * rank * (to - from);
    from = to;
  }
  const length = Math.sqrt(squares);
  return ranks.map((rank) => (length === 0 ? Number.NaN : rank / length));
}
