/** Logarithm of the gamma function for x > 0, by Stirling's series after moving x above 12 (error below 1e-15 relative). */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 12; z++) shift += Math.log(z);
  const inverse = 1 / z;
  const square = inverse * inverse;
  // Coefficients B(2k) / (2k (2k - 1)) of the series, Abramowitz and Stegun 6.1.40.
  const series =
    inverse *
    (1 / 12 -
      square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360_360)))));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/**
 * The regularised incomplete beta function I_x(a, b), for 0 <= x <= 1 and a, b > 0: the chance that a Beta(a, b)
 * variable is at most x. By its continued fraction (DLMF 8.17.22), on the side of the mean where that converges fast.
 */
export function regularizedIncompleteBeta(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0) || !(x >= 0 && x <= 1)) throw new RangeError(`no incomplete beta at x=${x}, a=${a}, b=${b}`);
  if (x === 0 || x === 1) return x;
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  const front = Math.exp(logFront);
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/** The continued fraction, evaluated from the front by the modified Lentz method. */
function continuedFraction(x: number, a: number, b: number): number {
  // The fraction needs O(sqrt(max(a, b))) steps; this bound is far above that for any number of rows.
  const limit = 1000 + 10 * Math.ceil(Math.sqrt(Math.max(a, b)));
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= limit; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-15) return value;
  }
  throw new RangeError(`the incomplete beta does not converge at x=${x}, a=${a}, b=${b}`);
}

function awayFromZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/** The chance that at least `atLeast` of `trials` independent trials succeed, each with probability `rate`. */
export function binomialUpperTail(trials: number, rate: number, atLeast: number): number {
  if (atLeast <= 0) return 1;
  if (atLeast > trials) return 0;
  return regularizedIncompleteBeta(rate, atLeast, trials - atLeast + 1);
}
