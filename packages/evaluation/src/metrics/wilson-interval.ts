/** Lower and upper end of an interval. */
export type Interval = readonly [low: number, high: number];

/** The 97.5 % quantile of the standard normal distribution, for intervals of 95 %. */
const Z_95 = 1.959963984540054;

/**
 * Score interval of a share, for independent rows (Wilson 1927). Unlike the textbook interval it stays inside 0..1 and
 * does not shrink to a point when nothing, or everything, was counted.
 */
export function wilsonInterval(count: number, total: number, z: number = Z_95): Interval {
  const share = count / total;
  const z2 = z * z;
  const middle = (share + z2 / (2 * total)) / (1 + z2 / total);
  const half = (z / (1 + z2 / total)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total));
  // The ends are exact at the borders; rounding must not push them outside.
  return [count === 0 ? 0 : Math.max(0, middle - half), count === total ? 1 : Math.min(1, middle + half)];
}
