import type { Severity } from './alert.ts';

/** A score so many times the threshold is severe, however small the calibration set. */
const FAR_BEYOND = 10;

/**
 * How severe an alert is, 1 (most) to 3. Follows from calibration, not from the attack, which nobody knows:
 *
 * - 3: above the threshold
 * - 2: rarer than a tenth of the promised false alarm rate, or as rare as the calibration set can tell
 * - 1: as rare as the calibration set can tell, and ten times the threshold
 *
 * @param smallestPValue 1 / (calibration rows + 1): no score has a smaller p-value
 */
export function severityOf(
  score: number,
  threshold: number,
  pValue: number,
  promisedRate: number,
  smallestPValue: number,
): Severity {
  const beyondCalibration = pValue <= smallestPValue;
  if (beyondCalibration && score > FAR_BEYOND * threshold) return 1;
  if (beyondCalibration || pValue < promisedRate / 10) return 2;
  return 3;
}
