import { UserError } from '@edgeguard/contracts';
import { conformalThreshold, rowsNeeded } from './conformal-threshold.ts';

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
  readonly rows: number;
  /** The threshold is the rank-th largest of the blocks' largest scores. */
  readonly rank: number;
  /** Mean share of blocks with an alarm. */
  readonly expectedRate: number;
}

/**
 * The lowest threshold that keeps the share of blocks with an alarm, whatever the rows of a block have to do with each
 * other. A block is what can be taken as independent of the next: a day, or a day of one host. The rule of
 * {@link conformalThreshold} on each block's largest score. A confidence per row would be an illusion for traffic: with a
 * correlation of a half within blocks of a hundred rows, a nominal 95 % holds about three times in five.
 *
 * @param scores  finite scores of normal rows
 * @param blockOf for each row the block that it belongs to
 * @throws UserError when the blocks are too few; it says how many are needed
 */
export function blockThreshold(
  scores: ArrayLike<number>,
  blockOf: ArrayLike<number | string>,
  budget: BlockBudget,
  place = 'calibration rows',
): BlockThreshold {
  if (scores.length !== blockOf.length) throw new RangeError('each score needs a block');
  const largest = new Map<number | string, number>();
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!;
    if (!Number.isFinite(score)) throw new RangeError('calibration scores must be finite numbers');
    largest.set(blockOf[row]!, Math.max(score, largest.get(blockOf[row]!) ?? Number.NEGATIVE_INFINITY));
  }
  const { alarmingBlockRate, confidence } = budget;
  const perBlock = { falseAlarmRate: alarmingBlockRate, confidence };
  const needed = rowsNeeded(perBlock);
  if (largest.size < needed) {
    throw new UserError(
      place,
      `${largest.size} blocks cannot promise alarms in at most ${100 * alarmingBlockRate} % of blocks with ${100 * confidence} % confidence: that needs ${needed}`,
      `add ${needed - largest.size} more blocks (days, or days of a host), or accept a higher share`,
    );
  }
  const { value, rank, expectedRate } = conformalThreshold(Float64Array.from(largest.values()), perBlock, place);
  return { ...budget, value, blocks: largest.size, rows: scores.length, rank, expectedRate };
}
