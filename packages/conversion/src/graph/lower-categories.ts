import type { GraphBuilder, TensorHandle } from '@edgeguard/tflite/builder';
import { dense } from './dense.ts';
import { Matrix } from './matrix.ts';

/**
 * Values are multiplied by this power of two, which rounds nothing; then those nearer than 1 to the largest of their block
 * count as equal to it.
 */
const UNIT = 2 ** 20;

/** Blocks of at most this size have their maximum taken at once. */
const ONE_WINDOW = 8;

/** Columns of a reconstruction that stand for the codes 1, 2, … of a category. */
export interface CategoryBlock {
  readonly feature: number;
  readonly first: number;
  readonly size: number;
}

/**
 * Writes the code of the largest value of each block into its feature's column of [batch, F]: 0 where none reaches a half,
 * between equal values their mean code. `constant` [F] is added. All blocks are computed at once, with operators that
 * XNNPACK takes over: maxima by MAX_POOL_2D, since it has no REDUCE_MAX.
 */
export function lowerCategories(
  g: GraphBuilder,
  reconstruction: TensorHandle,
  blocks: readonly CategoryBlock[],
  constant: Float32Array,
): TensorHandle {
  const { values, at, maxima: largest } = blockMaxima(g, reconstruction, blocks);
  const columns = values.shape[1]!;
  const [spread, codes] = [new Matrix(columns, blocks.length), new Matrix(blocks.length, columns)];
  const ones = new Matrix(blocks.length, columns);
  const place = new Matrix(constant.length, blocks.length);
  for (const [block, { feature, size }] of blocks.entries()) {
    place.set(feature, block, 1);
    for (let k = 0; k < size; k++) {
      spread.set(at(block, k), block, 1);
      codes.set(block, at(block, k), k + 1);
      ones.set(block, at(block, k), 1);
    }
  }
  // 1 where a value is the largest, 0 where it is smaller by more than a tie.
  const below = g.sub(dense(g, largest, spread, undefined, 'expected/largest'), values);
  const chosen = g.sub(g.scalar(1), below, 'relu', 'expected/chosen');
  const total = dense(g, chosen, codes, undefined, 'expected/codes');
  const many = g.maximum(dense(g, chosen, ones, undefined, 'expected/many'), g.scalar(1));
  return dense(g, g.div(total, many), place, constant, 'expected/categories');
}

interface BlockMaxima {
  /** By how much the blocks' columns exceed a half, in units of 1 / {@link UNIT}, moved and padded with minus a half. */
  readonly values: TensorHandle;
  /** The column of `values` with code k + 1 of a block. */
  readonly at: (block: number, k: number) => number;
  /** The largest value of each block, or 0 where none exceeds a half [batch, blocks]. */
  readonly maxima: TensorHandle;
}

/**
 * Maxima in two steps: of windows of about the square root of the largest block, then of each block's windows. A value
 * below a half never matters, so that the first step cuts off there and zeros fill up the windows of the second.
 */
function blockMaxima(g: GraphBuilder, x: TensorHandle, blocks: readonly CategoryBlock[]): BlockMaxima {
  const largest = Math.max(...blocks.map(({ size }) => size));
  const window = largest <= ONE_WINDOW ? largest : Math.ceil(Math.sqrt(largest));
  const counts = blocks.map(({ size }) => Math.ceil(size / window));
  const starts = counts.map((_, block) => counts.slice(0, block).reduce((sum, count) => sum + count, 0));
  const windows = counts.reduce((sum, count) => sum + count, 0);
  // Windows are channels: what a window holds lies `windows` columns apart.
  const at = (block: number, k: number): number => (k % window) * windows + starts[block]! + Math.floor(k / window);
  const gather = new Matrix(window * windows, x.shape[1]!);
  for (const [block, { first, size }] of blocks.entries()) {
    for (let k = 0; k < size; k++) gather.set(at(block, k), first + k, UNIT);
  }
  const values = dense(g, x, gather, new Float32Array(gather.rows).fill(-0.5 * UNIT), 'expected/blocks');
  const ofWindows = maximum(g, values, window, windows);
  const most = Math.max(...counts);
  if (most === 1) return { values, at, maxima: ofWindows };
  const again = new Matrix(most * blocks.length, windows);
  for (const [block, count] of counts.entries()) {
    for (let k = 0; k < count; k++) again.set(k * blocks.length + block, starts[block]! + k, 1);
  }
  const gathered = dense(g, ofWindows, again, undefined, 'expected/windows');
  return { values, at, maxima: maximum(g, gathered, most, blocks.length) };
}

/** The largest of `window` values that lie `channels` columns apart, or 0: [batch, window * channels] to [batch, channels]. */
function maximum(g: GraphBuilder, x: TensorHandle, window: number, channels: number): TensorHandle {
  // A window of one value is its maximum; XNNPACK has no such pooling.
  if (window === 1) return g.relu(x);
  const image = g.reshape(x, [-1, window, 1, channels]);
  const pooled = g.maxPool2d(image, { size: [window, 1], strides: [window, 1], activation: 'relu' });
  return g.reshape(pooled, [-1, channels]);
}
