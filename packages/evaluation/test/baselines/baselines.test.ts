import { SeededRandom } from '@edgeguard/transform';
import { describe, expect, it } from 'vitest';
import { type Baseline, fitPca, fitZScore, TrainStatisticsBuilder, unclipped } from '../../src/index.ts';

const WIDTH = 5;

/** Rows on a plane of two directions in five dimensions, with a little noise. */
function planeRows(count: number, seed: number): Float32Array {
  const random = new SeededRandom(seed);
  const normal = (): number => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b) - 6;
  const rows = new Float32Array(count * WIDTH);
  for (let i = 0; i < count; i++) {
    const a = normal();
    const b = normal();
    rows.set(
      [a, b, a + b, a - b, 2 * a].map((x) => x + 0.01 * normal()),
      i * WIDTH,
    );
  }
  return rows;
}

function scoreOf(baseline: Baseline, row: readonly number[]): number {
  const scores = new Float32Array(1);
  baseline.score(Float32Array.from(row), 1, scores, Float32Array.from(row));
  return scores[0]!;
}

function train(rows: Float32Array): ReturnType<TrainStatisticsBuilder['finish']> {
  const builder = new TrainStatisticsBuilder(WIDTH, 7);
  const count = rows.length / WIDTH;
  for (let from = 0; from < count; from += 333) {
    const to = Math.min(count, from + 333);
    builder.add(rows.subarray(from * WIDTH, to * WIDTH), to - from);
  }
  return builder.finish();
}

describe('train statistics', () => {
  it('do not lose digits far from the origin', () => {
    const rows = planeRows(5000, 1).map((x) => x + 1000);
    const statistics = train(rows);
    expect(statistics.rows).toBe(5000);
    for (let j = 0; j < WIDTH; j++) {
      let mean = 0;
      for (let i = 0; i < 5000; i++) mean += rows[i * WIDTH + j]! / 5000;
      let variance = 0;
      for (let i = 0; i < 5000; i++) variance += (rows[i * WIDTH + j]! - mean) ** 2 / 5000;
      expect(statistics.mean[j]).toBeCloseTo(mean, 8);
      expect(statistics.covariance[j * WIDTH + j]).toBeCloseTo(variance, 8);
    }
  });

  it('draw the sample evenly from all rows', () => {
    const rows = Float32Array.from({ length: 40_000 }, (_, i) => i);
    const builder = new TrainStatisticsBuilder(1, 3);
    builder.add(rows, rows.length);
    const { sample, sampleRows } = builder.finish();
    expect(sampleRows).toBe(4096);
    const late = sample.filter((row) => row >= 20_000).length;
    // Binomial(4096, 1/2): five standard deviations are 160.
    expect(Math.abs(late - 2048)).toBeLessThan(160);
    expect(new Set(sample).size).toBe(4096);
  });
});

describe('baselines', () => {
  const statistics = train(planeRows(5000, 1));

  it('z-score sees a feature out of its range, not a broken relation between features', () => {
    const zScore = fitZScore(statistics);
    expect(scoreOf(zScore, [0, 0, 0, 0, 20])).toBeGreaterThan(8);
    expect(scoreOf(zScore, [1, 1, -1, 1, 1])).toBeLessThan(2);
  });

  it('PCA sees a broken relation between features', () => {
    const pca = fitPca(statistics);
    expect(scoreOf(pca, [1, 1, 2, 0, 2])).toBeLessThan(0.01);
    expect(scoreOf(pca, [1, 1, -1, 1, 1])).toBeGreaterThan(1);
  });
});

describe('unclipped', () => {
  it('adds what the clip cut off, away from zero, to every input of the feature', () => {
    const rows = Float32Array.from([5, -5, 0, 0, 1, 2, 0, 1]);
    const excess = Float32Array.from([3, 4, 5, 0, 0, 0]);
    unclipped(rows, excess, 2, [0, 1, 2, 2], 3);
    expect([...rows]).toEqual([8, -9, 5, 5, 1, 2, 0, 1]);
  });
});
