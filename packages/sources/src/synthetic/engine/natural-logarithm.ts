/**
 * ln x for positive x. Math.log may differ in the last bit between machines, and one bit would change every packet
 * after it; sums and products do not.
 */
export function naturalLogarithm(x: number): number {
  if (x <= 0) return -745;
  let exponent = 0;
  let mantissa = x;
  while (mantissa >= 1.5) {
    mantissa /= 2;
    exponent++;
  }
  while (mantissa < 0.75) {
    mantissa *= 2;
    exponent--;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)); |z| <= 0.2, so twelve terms reach 1e-16
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * z * sum + exponent * Math.LN2;
}
