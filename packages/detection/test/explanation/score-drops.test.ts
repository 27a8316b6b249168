import { describe, expect, it } from 'vitest';
import { explainRow } from '../../src/explanation/explain-row.ts';
import { type RowScorer, scoreDrops } from '../../src/explanation/score-drops.ts';
import { column, detectorDocument } from '../support/detector-document.ts';

const DOCUMENT = detectorDocument();
const features = ['a', 'b', 'c', 'd'].map((name) => column(name, 'count', '1', name));

/** Three times the product of the first two values, and the third. */
const SCORER: RowScorer = {
  document: { ...DOCUMENT, schema: { ...DOCUMENT.schema, features } },
  score(rows, count, scores) {
    for (let at = 0; at < count; at++) {
      const [a, b, c] = rows.subarray(at * 4, at * 4 + 4);
      scores[at] = 3 * a! * b! + c!;
    }
  },
};
const ROW = Float32Array.of(1, 4, 5, 7);

describe('drops of the score', () => {
  it('are what it loses when one feature alone is as expected, and none where it is', () => {
    expect([...scoreDrops(SCORER, ROW, Float32Array.of(0, 2, 6, 7))]).toEqual([12, 6, -1, 0]);
  });

  it('order an explanation, whatever the shares say; what looks as expected comes last', () => {
    const explained = { row: ROW, expected: Float32Array.of(0, 2, 6, 7), featureErrors: Float32Array.of(1, 2, 6, 8) };
    const contributions = explainRow(SCORER, explained);
    expect(contributions.map(({ feature, drop }) => [feature, drop])).toEqual([
      ['a', 12],
      ['b', 6],
      ['c', -1],
      ['d', 0],
    ]);
    expect(contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('leave out what has neither a drop nor a share', () => {
    const explained = { row: ROW, expected: Float32Array.of(0, 2, 6, 7), featureErrors: Float32Array.of(0, 0, 17, 0) };
    expect(explainRow(SCORER, explained).map(({ feature }) => feature)).toEqual(['a', 'b', 'c']);
  });
});
