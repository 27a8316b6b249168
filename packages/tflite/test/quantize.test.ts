import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  affineOfRange,
  calibrateChain,
  chainSaturation,
  quantizeBias,
  quantizeChain,
  quantizeWeights,
  RangeCollector,
  type DenseLayer,
} from '../src/quantize/index.ts';
import { normals, randomStream } from './support/engines.ts';

describe('ranges', () => {
  const values = normals(randomStream(1), 100_000);
  values[7] = 1000;
  const collector = new RangeCollector();
  collector.add(values);

  it('min-max takes the extremes and always holds zero', () => {
    const chosen = collector.choose({ kind: 'min-max' });
    expect(chosen.max).toBe(1000);
    expect(chosen).toMatchObject({ method: 'min-max', count: 100_000, clipped: 0 });
    const positive = new RangeCollector();
    positive.add([3, 4, 5]);
    expect(positive.choose({ kind: 'min-max' })).toMatchObject({ min: 0, max: 5 });
  });

  it('percentile leaves out what it is told', () => {
    const { min, max, clipped } = collector.choose({ kind: 'percentile', share: 1e-3 });
    // A normal distribution has 0.1 % beyond 3.09; a bin is 0.5 wide here, for the outlier sets the histogram's limit.
    expect(min).toBeGreaterThan(-4);
    expect(min).toBeLessThanOrEqual(-3);
    expect(max).toBeGreaterThanOrEqual(3);
    expect(max).toBeLessThan(4);
    expect(clipped).toBeLessThan(2e-3);
  });

  it('mean squared error clips rare extremes where that pays, and says what it costs', () => {
    const heavy = new RangeCollector();
    heavy.add(normals(randomStream(2), 1_000_000));
    heavy.add([12]);
    const all = heavy.choose({ kind: 'min-max' });
    const best = heavy.choose({ kind: 'mse' });
    expect(best.max).toBeLessThan(all.max);
    expect(best.meanSquaredError).toBeLessThan(all.meanSquaredError);
    expect(best.clipped).toBeGreaterThan(0);
  });

  it('does not depend on the order of the values, and refuses NaN', () => {
    const forward = new RangeCollector();
    const backward = new RangeCollector();
    forward.add(values);
    backward.add(values.toReversed());
    for (const kind of ['min-max', 'mse'] as const) expect(forward.choose({ kind })).toEqual(backward.choose({ kind }));
    expect(() => new RangeCollector().add([1, NaN])).toThrow('found NaN');
    expect(() => new RangeCollector().choose({ kind: 'mse' })).toThrow('saw no values');
  });

  it('an affine scale puts zero exactly on a step and covers its range', () => {
    const finite = fc.float({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const range = { min: Math.min(a, b), max: Math.max(a, b) };
        const { scale, zeroPoint } = affineOfRange(range);
        expect(Number.isInteger(zeroPoint) && zeroPoint >= -128 && zeroPoint <= 127).toBe(true);
        expect(scale).toBeGreaterThan(0);
        expect((127 - zeroPoint) * scale).toBeGreaterThanOrEqual(range.max - scale);
        expect((-128 - zeroPoint) * scale).toBeLessThanOrEqual(range.min + scale);
      }),
    );
  });
});

describe('weights and biases', () => {
  it('weights are symmetric with an error of at most half a step', () => {
    const weights = normals(randomStream(3), 500);
    const { values, scale } = quantizeWeights(weights);
    expect(Math.max(...values.map(Math.abs))).toBe(127);
    weights.forEach((weight, i) => expect(Math.abs(values[i] * scale - weight)).toBeLessThanOrEqual(scale * 0.5001));
    expect(() => quantizeWeights(Float32Array.of(1, Infinity))).toThrow('Infinity');
  });

  it('counts biases that do not fit into int32', () => {
    expect(quantizeBias(Float32Array.of(1, 1e9, -1e9), 1e-3, 1e-3)).toEqual({
      values: Int32Array.of(1_000_000, 2 ** 31 - 1, -(2 ** 31)),
      saturated: 2,
    });
  });

  it('a chain reports what saturates', () => {
    const layer: DenseLayer = {
      name: 'a',
      width: 2,
      units: 1,
      weights: Float32Array.of(1, 1),
      bias: null,
      activation: 'none',
    };
    const chain = quantizeChain([layer], calibrateChain([layer], Float32Array.of(0, 1, 1, 0)));
    expect(chainSaturation(chain, Float32Array.of(0.5, 2, -1, 0)).input).toBe(2);
    expect(() => calibrateChain([layer], new Float32Array(3))).toThrow('no multiple of 2');
    expect(() => calibrateChain([layer, layer], new Float32Array(2))).toThrow('takes 2 values, a gives 1');
  });
});
