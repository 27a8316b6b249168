import type { PValueTableDocument } from '@edgeguard/contracts';

/**
 * The rank-th largest calibration score where the table is exact, a slightly higher one where it is coarse or scores tie:
 * of the scores that at most `rank` calibration rows reach the largest number, the highest.
 */
export function entryOfRank(
  { scores, atLeast }: PValueTableDocument,
  rank: number,
): { threshold: number; rank: number } {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (atLeast[middle]! <= rank) low = middle + 1;
    else high = middle;
  }
  // More scores tie at the very top than the rank allows: nothing is above them, which is stricter.
  if (low === 0) return { threshold: scores[0]!, rank };
  const reached = atLeast[low - 1]!;
  // Beside a score the table lists the next number above the score below it, which as many rows reach.
  let highest = low - 1;
  while (highest > 0 && atLeast[highest - 1] === reached) highest--;
  // Listed scores are shortened downwards; as float32 they are the scores themselves.
  return { threshold: Math.fround(scores[highest]!), rank: reached };
}
