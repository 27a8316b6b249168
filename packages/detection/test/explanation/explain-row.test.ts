import { describe, expect, it } from 'vitest';
import { DetectorSchema } from '@edgeguard/contracts';
import { type ExplainOptions, explainRow } from '../../src/explanation/explain-row.ts';
import { possibleValues } from '../../src/explanation/possible-values.ts';
import type { RowScorer } from '../../src/explanation/score-drops.ts';
import { detectorDocument } from '../support/detector-document.ts';

const DOCUMENT = DetectorSchema.parse(detectorDocument());

/** Each feature adds its error while its value is not what is expected. */
function explain(row: number[], expected: number[], errors: number[], options?: ExplainOptions) {
  const values = possibleValues(DOCUMENT, Float32Array.from(row), Float32Array.from(expected));
  values[2] = Math.round(expected[2]!);
  const scorer: RowScorer = {
    document: DOCUMENT,
    score(rows, count, scores) {
      for (let at = 0; at < count; at++) {
        scores[at] = errors.reduce(
          (sum, error, f) => sum + (rows[at * errors.length + f] === values[f] ? 0 : error),
          0,
        );
      }
    },
  };
  const explained = {
    row: Float32Array.from(row),
    expected: Float32Array.from(expected),
    featureErrors: Float32Array.from(errors),
  };
  return explainRow(scorer, explained, options);
}

function texts(row: number[], expected: number[], errors: number[] = [4, 3, 2, 1]): string[] {
  return explain(row, expected, errors).map(({ text }) => text);
}

describe('explainRow', () => {
  it('names the features by what the score falls by without them, with observed, expected and usual values', () => {
    const contributions = explain([412, 0.05, 0, 3], [2.2, 0.1, 1, 1], [60, 0.1, 10, 29.9]);
    expect(contributions).toEqual([
      {
        feature: 'ports',
        description: 'distinct destination ports in 60 s',
        family: 'volume',
        unit: '{port}',
        share: expect.closeTo(0.6, 6),
        drop: expect.closeTo(60, 4),
        observed: 412,
        expected: 2,
        usual: [1, 6],
        text: 'distinct destination ports in 60 s: 412, more than ever in training, usually 1 to 6',
      },
      {
        feature: 'service',
        description: 'service by destination port',
        family: 'volume',
        unit: '1',
        share: expect.closeTo(0.299, 6),
        drop: expect.closeTo(29.9, 4),
        observed: 'telnet',
        expected: 'http',
        text: 'service by destination port: telnet, expected http',
      },
      {
        feature: 'answered',
        description: 'the other side answered',
        family: 'volume',
        unit: '1',
        share: expect.closeTo(0.1, 6),
        drop: expect.closeTo(10, 4),
        observed: 0,
        expected: 1,
        usual: [1, 1],
        text: 'the other side answered: no, usually yes',
      },
    ]);
  });

  it('says what was expected here where the value alone is ordinary', () => {
    expect(texts([5, 50, 1, 0], [1.4, 0.0123, 0.3, 2])).toEqual([
      'distinct destination ports in 60 s: 5, expected 1 here (usually 1 to 6)',
      'duration of the flow: 50 s, expected 12.3 ms here (usually 1 ms to 60 s)',
      'the other side answered: yes, expected no here (usually yes)',
      'service by destination port: a value not seen in training, expected dns',
    ]);
  });

  it('does not claim a difference that people cannot see', () => {
    expect(texts([6.01, 0.1, 1, 1], [6, 0.1001, 1, 0])).toEqual([
      'distinct destination ports in 60 s: 6, usually 1 to 6',
      'duration of the flow: 100 ms, usually 1 ms to 60 s',
      'the other side answered: yes',
      'service by destination port: http',
    ]);
  });

  it('keeps to the number asked for, and copes with a score of zero', () => {
    expect(explain([1, 1, 1, 1], [1, 1, 1, 1], [1, 2, 3, 4], { top: 2 }).map((c) => c.feature)).toEqual([
      'service',
      'answered',
    ]);
    expect(explain([1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0])).toHaveLength(1);
  });

  it('says what the transform cuts off, and what category training has not seen', () => {
    const contributions = explain([412, 0.001, 1, 0], [2, 0.1, 1, 1], [4, 3, 2, 1]);
    expect(contributions.map(({ feature, evidence }) => [feature, evidence])).toEqual([
      ['ports', undefined],
      ['duration', undefined],
      ['service', 'unknown-category'],
      ['answered', undefined],
    ]);
    const cut = { ...DOCUMENT.baselines[0]!, cutBelow: 0, cutAbove: 30 };
    const document = { ...DOCUMENT, baselines: [cut, ...DOCUMENT.baselines.slice(1)] };
    const row = (ports: number) => ({
      row: Float32Array.of(ports, 0.1, 1, 1),
      expected: Float32Array.of(2, 0.1, 1, 1),
      featureErrors: Float32Array.of(1, 0, 0, 0),
      drops: Float32Array.of(1, 0, 0, 0),
    });
    const scorer: RowScorer = { document, score: () => undefined };
    expect(explainRow(scorer, row(31))[0]?.evidence).toBe('beyond-clip');
    expect(explainRow(scorer, row(30))[0]?.evidence).toBeUndefined();
  });
});
