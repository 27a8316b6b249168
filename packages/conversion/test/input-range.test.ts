import { describe, expect, it } from 'vitest';
import { affineOfRange } from '@edgeguard/tflite/quantize';
import { rangeWithoutBorders } from '../src/graph/input-range.ts';

const RANGE = { min: -5, max: 5, method: 'min-max', count: 1000, clipped: 0, meanSquaredError: 0 } as const;

function distanceFromBorder(value: number, scale: number): number {
  const steps = value / scale;
  return Math.abs(steps - Math.floor(steps) - 0.5);
}

describe('rangeWithoutBorders', () => {
  it('moves the range where frequent values lie between two steps', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? 1 : i % 3 === 1 ? -5 : 0.25));
    expect(distanceFromBorder(1, affineOfRange(RANGE).scale)).toBeLessThan(1e-3);
    const range = rangeWithoutBorders(RANGE, values);
    for (const value of [1, -5, 0.25]) {
      expect(distanceFromBorder(value, affineOfRange(range).scale)).toBeGreaterThan(1e-3);
    }
    expect(range.max).toBeGreaterThan(5);
    expect(range.max).toBeLessThan(5.2);
  });

  it('leaves a range alone that has no value on a border', () => {
    expect(rangeWithoutBorders(RANGE, Float32Array.of(0, 0.3, 0.5))).toEqual(RANGE);
  });
});
