import { type TailModel, tailProbability } from '@edgeguard/detection';
import type { Severity } from './alert.ts';

/** Without a tail model a score so many times the threshold is severe, however small the calibration set. */
const FAR_BEYOND = 10;
/** Shares of the promised false alarm rate from which on an alert is more severe. */
const RARE = 1 / 10;
const RAREST = 1 / 1000;

/**
 * How severe an alert is, 1 (most) to 3. Follows from calibration, not from the attack, which nobody knows:
 *
 * - 3: above the threshold
 * - 2: rarer than a tenth of the promised false alarm rate, or as rare as the calibration set can tell
 * - 1: as rare as the calibration set can tell, and rarer than a thousandth of the promised rate by the tail model, which is
 *   extrapolation; without a model ten times the threshold
 *
 * @param smallestPValue 1 / (calibration rows + 1): no score has a smaller p-value
 */
export function severityOf(
  score: number,
  threshold: number,
  pValue: number,
  promisedRate: number,
  smallestPValue: number,
  tail?: TailModel,
): Severity {
  const beyondCalibration = pValue <= smallestPValue;
  const extreme = tail ? tailProbability(tail, score) < promisedRate * RAREST : score > FAR_BEYOND * threshold;
  if (beyondCalibration && extreme) return 1;
  if (beyondCalibration || pValue < promisedRate * RARE) return 2;
  return 3;
}
