import { UserError } from '@edgeguard/contracts';
import { largestRank, rowsNeeded } from './conformal-threshold.ts';
import { percent } from './percent.ts';

/** What a threshold has to promise where rows depend on each other. */
export interface BlockBudget {
  /** The largest share of blocks in which any alarm may be raised. */
  readonly alarmingBlockRate: number;
  readonly confidence: number;
}

/** A threshold with the evidence that blocks give. Print all of it. */
export interface BlockThreshold extends BlockBudget {
  readonly value: number;
  /** Blocks that calibration has. */
  readonly blocks: number;
  /** The threshold is the rank-th largest of the blocks' largest scores. */
  readonly rank: number;
  /** Mean share of blocks with an alarm. */
  readonly expectedRate: number;
}

/** The largest score of each block, descending. */
export function blockMaxima(scores: ArrayLike<number>, blockOf: ArrayLike<number | string>): Float64Array {
  if (scores.length !== blockOf.length) throw new RangeError('each score needs a block');
  const largest = new Map<number | string, number>();
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!;
    if (!Number.isFinite(score)) throw new RangeError('calibration scores must be finite numbers');
    largest.set(blockOf[row]!, Math.max(score, largest.get(blockOf[row]!) ?? Number.NEGATIVE_INFINITY));
  }
  return Float64Array.from(largest.values()).sort().toReversed();
}

/**
 * The lowest threshold that keeps the share of blocks with an alarm, whatever the rows of a block have to do with each
 * other. A block is what can be taken as independent of the next: a day, or a day of one host. The rule of
 * `conformalThreshold` on each block's largest score. A confidence per row would be an illusion for traffic: with a
 * correlation of a half within blocks of a hundred rows, a nominal 95 % holds about three times in five.
 *
 * @param maxima largest scores of the blocks, descending ({@link blockMaxima}); of very many the highest are enough
 * @param blocks number of blocks
 * @throws UserError when the blocks are too few; it says how many are needed
 */
export function blockThreshold(
  maxima: ArrayLike<number>,
  blocks: number,
  budget: BlockBudget,
  place = 'calibration rows',
): BlockThreshold {
  const { alarmingBlockRate, confidence } = budget;
  const perBlock = { falseAlarmRate: alarmingBlockRate, confidence };
  const needed = rowsNeeded(perBlock);
  if (blocks < needed) {
    throw new UserError(
      place,
      `${blocks} blocks cannot promise alarms in at most ${percent(alarmingBlockRate)} of blocks with ${percent(confidence)} confidence: that needs ${needed}`,
      `add ${needed - blocks} more blocks (days, or days of a host), or accept a higher share`,
    );
  }
  // Where only the highest are at hand, the lowest of them is stricter than what was asked for.
  const rank = Math.min(largestRank(blocks, perBlock), maxima.length);
  return { ...budget, value: maxima[rank - 1]!, blocks, rank, expectedRate: rank / (blocks + 1) };
}
