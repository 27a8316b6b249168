/** Area under the ROC curve: how often an attack scores above a normal row, ties counting half. */
export function rocAuc(normal, attack) {
  const negative = Float64Array.from(normal).sort();
  const below = (score) => lowerBound(negative, score);
  const upTo = (score) => lowerBound(negative, nextUp(score));
  let sum = 0;
  for (const score of attack) sum += (below(score) + upTo(score)) / 2;
  return sum / (negative.length * attack.length);
}

/** Average precision of the attacks among all rows, from the highest score down. */
export function averagePrecision(normal, attack) {
  const rows = [...Array.from(normal, (s) => [s, 0]), ...Array.from(attack, (s) => [s, 1])].sort((a, b) => b[0] - a[0]);
  let found = 0;
  let sum = 0;
  for (const [rank, [, isAttack]] of rows.entries()) {
    if (!isAttack) continue;
    found++;
    sum += found / (rank + 1);
  }
  return sum / attack.length;
}

/** Share of the attacks above the score that 1 % of the normal rows exceed: read off the test rows, so an oracle figure. */
export function detectionAtOnePercent(normal, attack) {
  const threshold = onePercentThreshold(normal);
  return attack.filter((score) => score > threshold).length / attack.length;
}

/** The score that 1 % of the normal rows exceed. */
export function onePercentThreshold(normal) {
  const sorted = Float64Array.from(normal).sort();
  return sorted[Math.floor(sorted.length * 0.99)];
}

function lowerBound(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nextUp(value) {
  return value + Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
}
