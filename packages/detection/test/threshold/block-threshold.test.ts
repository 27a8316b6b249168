import { describe, expect, it } from 'vitest';
import { UserError } from '@edgeguard/contracts';
import {
  type BlockBudget,
  blockMaxima,
  blockThreshold,
  type BlockThreshold,
} from '../../src/threshold/block-threshold.ts';
import { conformalThreshold } from '../../src/threshold/conformal-threshold.ts';
import { seededNormal } from '../support/seeded-random.ts';

/** Rows of a block have a correlation of a half, by a level that they share. */
const CORRELATION = 0.5;
const ROWS = 100;

function blocksOf(count: number, normal: () => number): { scores: Float64Array; blockOf: Int32Array } {
  const scores = new Float64Array(count * ROWS);
  const blockOf = new Int32Array(count * ROWS);
  for (let block = 0; block < count; block++) {
    const level = Math.sqrt(CORRELATION) * normal();
    for (let row = block * ROWS; row < (block + 1) * ROWS; row++) {
      scores[row] = level + Math.sqrt(1 - CORRELATION) * normal();
      blockOf[row] = block;
    }
  }
  return { scores, blockOf };
}

/** P(N > t) of a standard normal variable, by Simpson's rule. */
function upperTail(t: number): number {
  const steps = 400;
  const width = (12 - t) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((t + i * width) ** 2) / 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

/** The chance that a block has a row above t: over the block's level, one minus that none of its rows is. */
function alarmingBlock(t: number): number {
  const steps = 200;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const level = -6 + (12 * (i + 0.5)) / steps;
    const row = upperTail((t - Math.sqrt(CORRELATION) * level) / Math.sqrt(1 - CORRELATION));
    sum += Math.exp((-level * level) / 2) * (1 - (1 - Math.min(1, row)) ** ROWS);
  }
  return (sum * 12) / steps / Math.sqrt(2 * Math.PI);
}

function thresholdOf(scores: Float64Array, blockOf: Int32Array, budget: BlockBudget): BlockThreshold {
  const maxima = blockMaxima(scores, blockOf);
  return blockThreshold(maxima, maxima.length, budget);
}

describe('blockThreshold', () => {
  it('restores the confidence that dependence takes from the row-wise bound', () => {
    const normal = seededNormal(11);
    const draws = 1000;
    let rowWise = 0;
    let blockWise = 0;
    for (let draw = 0; draw < draws; draw++) {
      const { scores, blockOf } = blocksOf(60, normal);
      const rows = conformalThreshold(scores, { falseAlarmRate: 0.01, confidence: 0.95 });
      if (upperTail(rows.value) <= 0.01) rowWise++;
      const blocks = thresholdOf(scores, blockOf, { alarmingBlockRate: 0.05, confidence: 0.95 });
      if (alarmingBlock(blocks.value) <= 0.05) blockWise++;
    }
    // The nominal 95 % of the row-wise bound is off by a quarter or more; that of blocks holds.
    expect(rowWise / draws).toBeLessThan(0.72);
    expect(rowWise / draws).toBeGreaterThan(0.45);
    expect(blockWise / draws).toBeGreaterThanOrEqual(0.93);
    expect(blockWise / draws).toBeLessThanOrEqual(0.97);
  });

  it('says what it rests on', () => {
    const { scores, blockOf } = blocksOf(100, seededNormal(3));
    const found = thresholdOf(scores, blockOf, { alarmingBlockRate: 0.05, confidence: 0.95 });
    expect(found).toMatchObject({ blocks: 100, rank: 2, expectedRate: 2 / 101 });
    const above = new Set(blockOf.filter((_, row) => scores[row]! > found.value));
    expect(above.size).toBe(1);
  });

  it('says how many blocks a budget needs', () => {
    const { scores, blockOf } = blocksOf(20, seededNormal(4));
    const attempt = (): unknown => thresholdOf(scores, blockOf, { alarmingBlockRate: 0.05, confidence: 0.95 });
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(/20 blocks cannot promise alarms in at most 5 % of blocks .* needs 59; add 39 more blocks/);
    expect(() => blockMaxima([1], [])).toThrow(RangeError);
    expect(() => blockMaxima([Number.NaN], [1])).toThrow(RangeError);
  });
});
