import { describe, expect, it } from 'vitest';
import { groupSizes, kMeans, nearestCentres, type Points, SeededRandom } from '../src/index.ts';

/** Points around (0, 0), (10, 0) and (0, 10), a third each in turn. */
function threeGroups(count: number): Points {
  const random = new SeededRandom(3);
  const values = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    values[2 * row] = (row % 3 === 1 ? 10 : 0) + random.uniform() - 0.5;
    values[2 * row + 1] = (row % 3 === 2 ? 10 : 0) + random.uniform() - 0.5;
  }
  return { values, count, width: 2 };
}

describe('kMeans', () => {
  it('finds groups that lie apart, each point with its nearest centre, the same for the same seed', () => {
    const points = threeGroups(300);
    const { centres, groupOf } = kMeans(points, 3, 10, new SeededRandom(1));
    const found = centres.map((centre) => [...centre].map(Math.round)).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
    expect(found.map((centre) => centre.map(Math.abs))).toEqual([
      [0, 0],
      [0, 10],
      [10, 0],
    ]);
    expect([...groupSizes(groupOf, 3)]).toEqual([100, 100, 100]);
    expect(nearestCentres(points, centres)).toEqual(groupOf);
    expect(kMeans(points, 3, 10, new SeededRandom(1))).toEqual({ centres, groupOf });
  });

  it('gives fewer centres where there are fewer different points', () => {
    const points = { values: Float32Array.of(1, 1, 1, 5, 5), count: 5, width: 1 };
    const { centres } = kMeans(points, 4, 3, new SeededRandom(1));
    expect(centres.map(([value]) => value).sort()).toEqual([1, 5]);
  });
});
