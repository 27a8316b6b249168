import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCounterfactual } from '../../src/explanation/counterfactual.ts';
import type { RowScorer } from '../../src/explanation/score-drops.ts';
import type { ExplainedRow } from '../../src/explanation/explain-row.ts';
import { column, detectorDocument } from '../support/detector-document.ts';

const WIDTH = 12;

/** Scores rows by any function of one row; counts what was asked. */
function scorerOf(score: (row: Float32Array) => number, width = WIDTH): RowScorer & { asked: number } {
  const features = Array.from({ length: width }, (_, i) =>
    column(`f${i}`, 'count', '{packet}', `packets of kind ${i}`),
  );
  const document = detectorDocument();
  return {
    document: { ...document, schema: { ...document.schema, features } },
    asked: 0,
    score(rows, count, scores) {
      this.asked += count;
      for (let row = 0; row < count; row++) scores[row] = score(rows.subarray(row * width, (row + 1) * width));
    },
  };
}

const sum = (row: Float32Array): number => row.reduce((total, value) => total + value, 0);

/** With the values themselves for shares. */
function explained(row: Float32Array, expected = new Float32Array(row.length)): ExplainedRow {
  return { row, expected, featureErrors: row };
}

describe('findCounterfactual', () => {
  it('finds the one feature that matters, and says it in words', () => {
    const row = new Float32Array(WIDTH).fill(0.1);
    row[4] = 412;
    const found = findCounterfactual(scorerOf(sum), explained(row, new Float32Array(WIDTH).fill(0.1)));
    expect(found).toEqual({
      changes: [{ feature: 'f4', from: 412, to: 0, text: 'packets of kind 4: 0 instead of 412' }],
      score: expect.closeTo(1.1, 5) as number,
      threshold: 2,
    });
  });

  it('finds a pair that only silences together, although shares mislead', () => {
    // The score is high while either of 2 and 7 is high; the largest share belongs to another feature.
    const scorer = scorerOf((row) => Math.max(row[2]!, row[7]!));
    const row = Float32Array.of(9, 9, 5, 0, 0, 0, 0, 6, 0, 0, 0, 0);
    const found = findCounterfactual(scorer, explained(row));
    expect(found?.changes.map(({ feature }) => feature).sort()).toEqual(['f2', 'f7']);
    expect(found?.score).toBe(0);
  });

  it('gives a verified set of which no member can be left out, and the smallest where three are enough', () => {
    const values = fc.array(fc.float({ min: 0, max: 3, noNaN: true }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(values, fc.float({ min: Math.fround(0.1), max: 4, noNaN: true }), (list, threshold) => {
        const row = Float32Array.from(list);
        const scorer = scorerOf(sum, 8);
        fc.pre(sum(row) > threshold);
        const found = findCounterfactual(scorer, explained(row), { threshold })!;
        const changed = row.slice();
        for (const { feature } of found.changes) changed[Number(feature.slice(1))] = 0;
        expect(found.score).toBe(Math.fround(sum(changed)));
        expect(found.score).toBeLessThanOrEqual(threshold);
        for (const { feature, from } of found.changes) {
          expect(Math.fround(found.score + from), `without ${feature}`).toBeGreaterThan(threshold * 0.999);
        }
        // For a sum the smallest set is that of the largest values.
        const sorted = row.toSorted().toReversed();
        let needed = 0;
        while (sum(sorted.slice(needed)) > threshold) needed++;
        expect(Math.abs(found.changes.length - needed)).toBeLessThanOrEqual(needed <= 3 ? 0 : 1);
      }),
      { numRuns: 200 },
    );
  });

  it('grows larger sets greedily, within the number allowed', () => {
    const row = new Float32Array(WIDTH).fill(1);
    const scorer = scorerOf(sum);
    const found = findCounterfactual(scorer, explained(row), { threshold: 6, maxChanges: 8 });
    expect(found?.changes).toHaveLength(6);
    expect(findCounterfactual(scorer, explained(row), { threshold: 6, maxChanges: 5 })).toBeUndefined();
    expect(scorer.asked).toBeLessThan(600);
  });

  it('says so when nothing silences', () => {
    const scorer = scorerOf(() => 5);
    const row = new Float32Array(WIDTH).fill(1);
    expect(findCounterfactual(scorer, explained(row))).toBeUndefined();
    expect(findCounterfactual(scorer, explained(row, row))).toBeUndefined();
  });
});
