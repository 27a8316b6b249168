import { describe, expect, it } from 'vitest';
import { DriftBaselineBuilder, driftBlockRows } from '../../src/drift/drift-baseline.ts';
import { codeEdges, decileEdges, FeatureBins, stabilityIndex } from '../../src/drift/feature-bins.ts';
import { scoreDistance } from '../../src/drift/score-distance.ts';
import { pValueTable } from '../../src/threshold/p-value-table.ts';
import { seededRandom } from '../support/seeded-random.ts';

describe('FeatureBins', () => {
  it('counts a category code by code, unknown ones too', () => {
    const bins = new FeatureBins([codeEdges(3), decileEdges(Float32Array.of(1, 2, 3))]);
    const counts = bins.start();
    for (const code of [0, 1, 1, 3]) bins.add(counts, Float32Array.of(code, 2), 0);
    expect([...bins.of(0, counts)]).toEqual([1, 2, 0, 1]);
    expect([...bins.of(1, counts)].reduce((sum, rows) => sum + rows, 0)).toBe(4);
  });

  it('gives an index that is symmetric and 0 for equal shares', () => {
    expect(stabilityIndex([10, 20, 30], [10, 20, 30])).toBe(0);
    expect(stabilityIndex([50, 10], [10, 50])).toBeCloseTo(stabilityIndex([10, 50], [50, 10]), 12);
    expect(stabilityIndex([50, 10], [10, 50])).toBeGreaterThan(1);
  });
});

describe('scoreDistance', () => {
  it('is that of the two distributions where the table is exact', () => {
    const table = pValueTable(Float32Array.from({ length: 100 }, (_, i) => i));
    expect(
      scoreDistance(
        table,
        Float32Array.from({ length: 50 }, (_, i) => 2 * i),
      ),
    ).toBeLessThan(0.02);
    // Every score lies above four fifths of those of calibration.
    expect(
      scoreDistance(
        table,
        Float32Array.from({ length: 50 }, (_, i) => 80 + i / 3),
      ),
    ).toBeCloseTo(0.8, 2);
  });
});

describe('DriftBaselineBuilder', () => {
  const random = seededRandom(7);
  const rows = (count: number): Float32Array =>
    Float32Array.from({ length: 3 * count }, (_, i) =>
      i % 3 === 0 ? random() : i % 3 === 1 ? 1 + Math.floor(2 * random()) : 5,
    );

  it('knows what blocks of the same traffic look like', () => {
    const train = rows(10_000);
    const column = (f: number): Float32Array => train.filter((_, i) => i % 3 === f).sort();
    const bins = new FeatureBins([decileEdges(column(0)), codeEdges(2), decileEdges(column(2))]);
    const counts = bins.start();
    for (let row = 0; row < 10_000; row++) bins.add(counts, train, 3 * row);
    const blockRows = driftBlockRows(8000)!;
    expect(blockRows).toBe(200);
    const builder = new DriftBaselineBuilder(bins, counts, blockRows);
    const calibration = rows(8000);
    // Whatever the size of what comes at once.
    for (let at = 0; at < 8000; at += 370) builder.add(calibration.subarray(3 * at), Math.min(370, 8000 - at));
    const scores = Float32Array.from({ length: 8000 }, () => random());
    const found = builder.finish(pValueTable(scores), scores);
    expect(found).toMatchObject({ blockRows: 200, blocks: 40 });
    expect(found.largest).toHaveLength(40);
    // The mean index of independent blocks is (bins - 1) / rows; train rows are many.
    expect(found.features[0]!.mean).toBeGreaterThan(10 / 200 / 2);
    expect(found.features[0]!.mean).toBeLessThan((10 / 200) * 1.5);
    expect(found.features.map(({ varies }) => varies)).toEqual([true, true, false]);
    expect(found.features[1]!.always).toEqual([1, 2]);
    expect(found.scoreDistance.at(-1)).toBeLessThan(0.2);
  });

  it('needs twenty blocks of a hundred rows', () => {
    expect(driftBlockRows(1999)).toBeUndefined();
    expect(driftBlockRows(2000)).toBe(100);
    expect(driftBlockRows(10_000_000)).toBe(10_000);
  });
});
