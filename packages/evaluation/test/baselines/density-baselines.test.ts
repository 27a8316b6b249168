import { SeededRandom } from '@edgeguard/transform';
import { describe, expect, it } from 'vitest';
import {
  type Baseline,
  fitBaselines,
  rocAuc,
  sortScores,
  type TrainStatistics,
  TrainStatisticsBuilder,
} from '../../src/index.ts';

const WIDTH = 3;

/** Rows in two tight clouds, far from each other. */
function clouds(count: number, seed: number): Float32Array {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: count * WIDTH }, (_, i) => {
    const centre = Math.floor(i / WIDTH) % 2 === 0 ? -3 : 3;
    return centre + 0.6 * (random.uniform() + random.uniform() - 1);
  });
}

function statistics(): TrainStatistics {
  const builder = new TrainStatisticsBuilder(WIDTH, 1);
  builder.add(clouds(2000, 1), 2000);
  return builder.finish();
}

function scored(baseline: Baseline, rows: Float32Array): Float32Array {
  const scores = new Float32Array(rows.length / WIDTH);
  baseline.score(rows, scores.length, scores, rows);
  return scores;
}

describe('all baselines', () => {
  it('have names of their own, and the same seed gives the same scores', () => {
    const again = fitBaselines(statistics(), [], 5);
    const baselines = fitBaselines(statistics(), [], 5);
    expect(new Set(baselines.map(({ name }) => name)).size).toBe(5);
    for (const [i, baseline] of baselines.entries()) {
      expect(scored(baseline, clouds(50, 3))).toEqual(scored(again[i]!, clouds(50, 3)));
    }
  });

  it('give every row far outside a higher score than any train row', () => {
    const far = Float32Array.from([40, -3, 3, -30, 30, 20, -25, 25, 25]);
    for (const baseline of fitBaselines(statistics(), [], 5)) {
      const highest = Math.max(...scored(baseline, clouds(500, 1)));
      // Beyond the outermost cut an isolation forest sees no further.
      const margin = baseline.name === 'isolation-forest' ? 0.9 : 1;
      for (const score of scored(baseline, far)) expect(score, `${baseline.name}`).toBeGreaterThan(margin * highest);
    }
  });
});

describe('baselines of density', () => {
  it.each(['k-nearest', 'gaussian-mixture', 'isolation-forest'])(
    '%s sees rows between the clouds, where every feature by itself is ordinary',
    (name) => {
      const baseline = fitBaselines(statistics(), [], 5).find((one) => one.name === name)!;
      const random = new SeededRandom(9);
      // Each feature is from one cloud or the other, but not all from the same.
      const mixed = Float32Array.from(
        { length: 300 },
        (_, i) => [3, -3, 3][i % WIDTH]! + 0.3 * (random.uniform() - 0.5),
      );
      const area = rocAuc(sortScores(scored(baseline, clouds(400, 2))), sortScores(scored(baseline, mixed)));
      expect(area).toBeGreaterThan(0.95);
    },
  );

  it('k-nearest gives the distance to the fifth nearest', () => {
    const builder = new TrainStatisticsBuilder(1, 1);
    builder.add(
      Float32Array.from({ length: 100 }, (_, i) => i),
      100,
    );
    const baseline = fitBaselines(builder.finish(), [], 1).find(({ name }) => name === 'k-nearest')!;
    const scores = new Float32Array(3);
    const rows = Float32Array.of(0, 50.25, 110);
    baseline.score(rows, 3, scores, rows);
    expect([...scores]).toEqual([4, 2.25, 15]);
  });
});
