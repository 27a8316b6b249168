import { describe, expect, it } from 'vitest';
import { findCounterfactual } from '../../src/explanation/counterfactual.ts';
import { explainRow } from '../../src/explanation/explain-row.ts';
import { possibleValues } from '../../src/explanation/possible-values.ts';
import type { RowScorer } from '../../src/explanation/score-drops.ts';
import { detectorDocument } from '../support/detector-document.ts';

const DOCUMENT = detectorDocument();
// ports, duration, answered, service
const ROW = Float32Array.of(412, 0.05, 0, 3);

/** High while there are many ports and the service is not unknown. */
const SCORER: RowScorer = {
  document: DOCUMENT,
  score(rows, count, scores) {
    for (let at = 0; at < count; at++)
      scores[at] = rows[at * 4]! > 0 && rows[at * 4 + 3]! >= 1 ? 5 : rows[at * 4]! * -1;
  },
};

describe('possible values', () => {
  it('are numbers that can be, whole where they count, the other value of a flag, and categories that are some', () => {
    expect([...possibleValues(DOCUMENT, ROW, Float32Array.of(-0.3, -1, 0.6, 0.2))]).toEqual([0, 0, 1, 3]);
    expect([...possibleValues(DOCUMENT, ROW, Float32Array.of(2.5, 1, 0.4, 1.7))]).toEqual([3, 1, 1, 2]);
  });

  it('keep to the range that a feature states', () => {
    const features = DOCUMENT.schema.features.map((feature) => ({ ...feature, range: [1, 2] as [number, number] }));
    const document = { ...DOCUMENT, schema: { ...DOCUMENT.schema, features } };
    expect([...possibleValues(document, ROW, Float32Array.of(-5, 9, 0, 1))]).toEqual([1, 2, 1, 1]);
  });

  it('are what explanations and counterfactuals set: no negative number, no category that is none', () => {
    const explained = {
      row: ROW,
      expected: Float32Array.of(-7, 0.05, 0, 0),
      featureErrors: Float32Array.of(1, 0, 0, 9),
    };
    const found = findCounterfactual(SCORER, explained)!;
    expect(found.changes.map(({ feature, to }) => [feature, to])).toEqual([['ports', 0]]);
    const [first] = explainRow(SCORER, explained);
    expect(first).toMatchObject({ feature: 'ports', expected: 0, drop: 5 });
  });
});
