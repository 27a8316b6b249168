import type { TransformDocument } from '@edgeguard/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitTransform, inverseConstants, invertToRaw, SeededRandom, TransformEvaluator } from '../src/index.ts';
import { CONFIG, feature, matrix, schemaOf } from './helpers.ts';

const SCHEMA = schemaOf(
  feature('service', 'category', { categories: ['http', 'dns', 'ssh'] }),
  feature('bytes', 'bytes'),
  feature('share', 'ratio'),
  feature('gap', 'seconds', { logScale: 1e-3 }),
);

async function fitted(): Promise<TransformDocument> {
  const random = new SeededRandom(3);
  const rows = matrix(
    Array.from({ length: 2000 }, () => [
      1 + random.below(3),
      Math.exp(3 + 4 * random.uniform()),
      random.uniform() - 0.2,
      random.uniform() ** 3,
    ]),
  );
  return fitTransform({ schema: SCHEMA, rows: [rows], config: CONFIG, splits: {} });
}

/** The same transform in plain float64, written from the definitions of the operations. */
function reference(document: TransformDocument, row: readonly number[]): { inputs: number[]; excess: number[] } {
  let x = [...row];
  const excess = row.map(() => 0);
  for (const operation of document.operations) {
    if (operation.kind === 'clip') x = x.map((v, f) => Math.min(Math.max(v, operation.low[f]!), operation.high[f]!));
    if (operation.kind === 'log1p')
      x = x.map((v, f) => (operation.rate[f]! > 0 ? Math.log1p(v * operation.rate[f]!) : v));
    if (operation.kind === 'affine') x = x.map((v, f) => v * operation.multiply[f]! + operation.add[f]!);
    if (operation.kind === 'saturate') {
      const y = x.map((v, f) => Math.min(Math.max(v, operation.low[f]!), operation.high[f]!));
      for (const f of excess.keys()) excess[f]! += Math.abs(x[f]! - y[f]!);
      x = y;
    }
    if (operation.kind === 'one-hot') {
      const coded = new Set(operation.blocks.map((block) => block.feature));
      const inputs = x.filter((_, f) => !coded.has(f));
      for (const { feature: f, size } of operation.blocks) {
        const block = Array.from({ length: size }, (_, k) => Math.max(0, 1 - Math.abs(x[f]! - (k + 1))));
        if (block.every((value) => value === 0)) excess[f]! += operation.unknownExcess;
        inputs.push(...block);
      }
      return { inputs, excess };
    }
  }
  return { inputs: x, excess };
}

describe('TransformEvaluator', () => {
  it('computes the operations as their definitions say, on any finite row', async () => {
    const document = await fitted();
    const evaluator = new TransformEvaluator(document);
    expect(evaluator.inputWidth).toBe(4);
    expect(evaluator.outputWidth).toBe(6);
    const value = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ min: 0, max: 5000, noNaN: true }),
      fc.float({ min: -1, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), value, value, value, (code, a, b, c) => {
        const inputs = new Float32Array(6);
        const excess = new Float32Array(4);
        const row = Float32Array.from([code, a, b, c]);
        evaluator.apply(row, 1, inputs, excess);
        const wanted = reference(document, Array.from(row));
        for (const [i, want] of wanted.inputs.entries()) expect(Math.abs(inputs[i]! - want)).toBeLessThan(2e-5);
        for (const [f, want] of wanted.excess.entries()) {
          expect(Math.abs(excess[f]! - want)).toBeLessThan(1e-5 * Math.max(1, Math.abs(want)) + 2e-5);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives an unknown category zeros and evidence, a known one neither', async () => {
    const document = await fitted();
    const evaluator = new TransformEvaluator(document);
    const inputs = new Float32Array(12);
    const excess = new Float32Array(8);
    evaluator.apply(
      matrix([
        [0, 100, 0.5, 0.1],
        [2, 100, 0.5, 0.1],
      ]),
      2,
      inputs,
      excess,
    );
    expect([...inputs.subarray(3, 6)]).toEqual([0, 0, 0]);
    expect(excess[0]).toBe(5);
    expect([...inputs.subarray(9, 12)]).toEqual([0, 1, 0]);
    expect(excess[4]).toBe(0);
    expect(document.outputs).toEqual([1, 2, 3, 0, 0, 0]);
  });
});

describe('invertToRaw', () => {
  it('undoes the transform within its clip', async () => {
    const document = await fitted();
    const evaluator = new TransformEvaluator(document);
    const inverse = invertToRaw(document);
    const rows = matrix([
      [1, 30, 0.1, 0.001],
      [3, 900, 0.7, 0.5],
      [2, 55, -0.1, 0],
    ]);
    const inputs = new Float32Array(18);
    evaluator.apply(rows, 3, inputs, new Float32Array(12));
    const back = new Float32Array(12);
    inverse.apply(inputs, 3, back);
    for (let i = 0; i < rows.length; i++)
      expect(Math.abs(back[i]! - rows[i]!)).toBeLessThan(1e-5 * Math.max(1, rows[i]!));
  });

  it('stays finite for any reconstruction and gives code 0 where no category stands out', async () => {
    const inverse = invertToRaw(await fitted());
    const raw = new Float32Array(8);
    inverse.apply(
      matrix([
        [1e30, 1e30, 1e30, 0.4, 0.3, 0.49],
        [-1e30, -1e30, -1e30, 0.5, 0.5, 0.1],
      ]),
      2,
      raw,
    );
    expect(raw.every(Number.isFinite)).toBe(true);
    expect(raw[0]).toBe(0);
    expect(raw[4]).toBe(1);
  });

  it('stays finite where a feature spans more decades than five deviations fit into float32', async () => {
    const schema = schemaOf(feature('rate', 'ratio', { logScale: 1e-6 }));
    const rows = Float32Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 1e-9 : 10 ** (10 + (i % 25))));
    const document = await fitTransform({ schema, rows: [rows], config: CONFIG, splits: {} });
    const raw = new Float32Array(2);
    invertToRaw(document).apply(Float32Array.of(1e30, -1e30), 2, raw);
    expect(raw[0]).toBeGreaterThan(1e23);
    expect(Number.isFinite(raw[0])).toBe(true);
    expect(raw[1]).toBeCloseTo(-1e-6, 9);
    // Half the range, the largest exponent that a graph has to bear, is far from float32's 87.
    const { low, high, multiply } = inverseConstants(document);
    expect((high[0]! - low[0]!) * multiply[0]!).toBeLessThan(2 * 70);
  });
});
