import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TransformDocument, TransformSchema, UserError } from '@edgeguard/contracts';
import { DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import { describe, expect, it } from 'vitest';
import { constantFeatures, describeTransform, fitTransform, SeededRandom, TransformEvaluator } from '../src/index.ts';
import { CONFIG, feature, matrix, schemaOf } from './helpers.ts';

const KINDS = schemaOf(
  feature('packets', 'count', { unit: '{packet}' }),
  feature('bytes', 'bytes', { unit: 'By' }),
  feature('duration', 'seconds', { unit: 's', logScale: 1e-6 }),
  feature('share', 'ratio'),
  feature('syn', 'flag'),
);

function someRows(count: number, seed = 7): Float32Array {
  const random = new SeededRandom(seed);
  return matrix(
    Array.from({ length: count }, () => [
      random.below(50),
      Math.exp(random.uniform() * 14),
      random.uniform() ** 8 * 100,
      random.uniform(),
      random.below(2),
    ]),
  );
}

function inputsOf(document: TransformDocument, rows: Float32Array): { inputs: Float32Array; excess: Float32Array } {
  const evaluator = new TransformEvaluator(document);
  const count = rows.length / evaluator.inputWidth;
  const inputs = new Float32Array(count * evaluator.outputWidth);
  const excess = new Float32Array(rows.length);
  evaluator.apply(rows, count, inputs, excess);
  return { inputs, excess };
}

describe('fitTransform', () => {
  it('brings train rows to mean 0 and deviation 1 on the scale of each kind', async () => {
    const rows = someRows(5000);
    const document = await fitTransform({
      schema: KINDS,
      rows: [rows],
      config: { ...CONFIG, clipSigma: 50 },
      splits: {},
    });
    const { inputs } = inputsOf(document, rows);
    for (let f = 0; f < 5; f++) {
      let sum = 0;
      let squares = 0;
      for (let row = 0; row < 5000; row++) {
        sum += inputs[row * 5 + f]!;
        squares += inputs[row * 5 + f]! ** 2;
      }
      expect(Math.abs(sum / 5000)).toBeLessThan(1e-4);
      expect(squares / 5000).toBeCloseTo(1, 3);
    }
    const log = document.operations.find((operation) => operation.kind === 'log1p');
    expect(log?.rate).toEqual([1, 1, Math.fround(1e6), 0, 0]);
  });

  it('writes a valid document whose every constant is a float32 value', async () => {
    const document = await fitTransform({ schema: KINDS, rows: [someRows(500)], config: CONFIG, splits: {} });
    expect(TransformSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    const constants = document.operations
      .flatMap((operation) => Object.values(operation).flat())
      .filter(Number.isFinite);
    expect(constants).toHaveLength(7 * 5);
    expect(constants).toEqual(constants.map((value) => Math.fround(value as number)));
  });

  it('does not depend on how the rows are cut into batches, up to rounding', async () => {
    const rows = someRows(20_000);
    const whole = await fitTransform({ schema: KINDS, rows: [rows], config: CONFIG, splits: {} });
    const parts = [rows.subarray(0, 5 * 17), rows.subarray(5 * 17, 5 * 9000), rows.subarray(5 * 9000)];
    const cut = await fitTransform({ schema: KINDS, rows: parts, config: CONFIG, splits: {} });
    const affine = (d: TransformDocument) => d.operations.find((o) => o.kind === 'affine')!;
    for (let f = 0; f < 5; f++) expect(affine(cut).multiply[f]).toBeCloseTo(affine(whole).multiply[f]!, 5);
    expect(cut.profile).toEqual(whole.profile);
  });

  it('keeps the deviation of a column with a large mean', async () => {
    const schema = schemaOf(feature('level', 'ratio'));
    const rows = Float32Array.from({ length: 10_000 }, (_, i) => 1000 + (i % 2));
    const document = await fitTransform({ schema, rows: [rows], config: CONFIG, splits: {} });
    expect(document.operations.find((o) => o.kind === 'affine')?.multiply[0]).toBeCloseTo(2, 6);
  });

  it('estimates percentiles from a bounded sample', async () => {
    const schema = schemaOf(feature('value', 'ratio'));
    const rows = Float32Array.from({ length: 200_000 }, (_, i) => ((i * 7919) % 200_000) / 200_000);
    const document = await fitTransform({ schema, rows: [rows], config: CONFIG, splits: {} });
    const { p05, p50, p95, min, max } = document.profile[0]!;
    expect(Math.abs(p05 - 0.05)).toBeLessThan(0.016); // four standard errors
    expect(Math.abs(p50 - 0.5)).toBeLessThan(0.016); // four standard errors
    expect(Math.abs(p95 - 0.95)).toBeLessThan(0.016); // four standard errors
    expect(min).toBe(0);
    expect(max).toBe(rows.reduce((a, b) => Math.max(a, b)));
  });

  it('names constant columns and makes any other value in them evidence', async () => {
    const schema = schemaOf(feature('zero', 'count'), feature('seven', 'count'), feature('moving', 'count'));
    const rows = matrix(Array.from({ length: 100 }, (_, i) => [0, 7, i]));
    const document = await fitTransform({ schema, rows: [rows], config: CONFIG, splits: {} });
    expect(constantFeatures(document)).toEqual(['zero', 'seven']);
    expect(describeTransform(document)[1]).toContain('always 7');
    const { inputs, excess } = inputsOf(
      document,
      matrix([
        [0, 7, 50],
        [3, 7, 50],
        [0, 8, 50],
      ]),
    );
    expect(inputs[0]).toBe(0);
    expect(inputs[1]).toBeCloseTo(0, 5);
    expect(excess[3]).toBeGreaterThan(10);
    expect(inputs[7]).toBeGreaterThan(2);
  });

  it.each([
    ['huge', 1e38],
    ['tiny', 1e-38],
  ])('stays finite on %s values', async (_, scale) => {
    const schema = schemaOf(feature('linear', 'ratio'), feature('counted', 'count'), feature('waited', 'seconds'));
    const rows = matrix(
      Array.from({ length: 50 }, (_, i) => [(i - 25) * 0.1 * scale, (i / 50) * scale, (i / 50) * scale]),
    );
    const document = await fitTransform({ schema, rows: [rows], config: CONFIG, splits: {} });
    const extremes = matrix([
      [3.4e38, 3.4e38, 3.4e38],
      [-3.4e38, -3.4e38, -3.4e38],
      [0, 0, 0],
    ]);
    for (const values of [inputsOf(document, rows), inputsOf(document, extremes)]) {
      expect(values.inputs.every(Number.isFinite)).toBe(true);
      expect(values.excess.every(Number.isFinite)).toBe(true);
    }
  });

  it('bounds the evidence of one feature near 25 deviations', async () => {
    const rows = someRows(1000);
    const document = await fitTransform({ schema: KINDS, rows: [rows], config: CONFIG, splits: {} });
    const { excess } = inputsOf(
      document,
      matrix([
        [1e30, 1e30, 1e30, 1e30, 1e30],
        [-1e30, -1e30, -1e30, -1e30, -1e30],
      ]),
    );
    for (const value of excess) expect(value).toBeLessThan(20.01);
    for (const f of [0, 3, 4]) expect(excess[f]).toBeCloseTo(20, 1);
  });

  it('counts durations from a millisecond in their own unit, and takes a ratio as it is unless it names a scale', async () => {
    const schema = schemaOf(
      feature('a', 'seconds', { unit: 's' }),
      feature('b', 'seconds', { unit: 'ms' }),
      feature('c', 'seconds', { unit: 'us' }),
      feature('d', 'seconds', { unit: 'ms', logScale: 0.001 }),
      feature('e', 'ratio'),
      feature('f', 'ratio', { logScale: 100 }),
    );
    const document = await fitTransform({ schema, rows: [new Float32Array(12).fill(1)], config: CONFIG, splits: {} });
    const rates = [1000, 1, 0.001, 1000, 0, 0.01].map(Math.fround);
    expect(document.operations.find((o) => o.kind === 'log1p')?.rate).toEqual(rates);
  });

  it('leaves a feature with negative values linear', async () => {
    const schema = schemaOf(feature('offset', 'seconds'));
    const rows = Float32Array.from([-1, 0, 1, 2]);
    const document = await fitTransform({ schema, rows: [rows], config: CONFIG, splits: {} });
    expect(document.operations.find((o) => o.kind === 'log1p')?.rate).toEqual([0]);
  });

  it('leaves rows with NaN or infinity out', async () => {
    const schema = schemaOf(feature('a', 'ratio'), feature('b', 'ratio'));
    const clean = matrix([
      [0, 1],
      [1, 2],
      [2, 6],
    ]);
    const dirty = matrix([
      [0, 1],
      [Number.NaN, 900],
      [1, 2],
      [900, Number.POSITIVE_INFINITY],
      [2, 6],
    ]);
    const fit = async (rows: Float32Array) => fitTransform({ schema, rows: [rows], config: CONFIG, splits: {} });
    expect(await fit(dirty)).toEqual(await fit(clean));
    await expect(fit(matrix([[Number.NaN, 1]]))).rejects.toThrow(UserError);
  });

  it('learns vocabularies by frequency, then name, from a dataset', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'edgeguard-'));
    try {
      const schema = schemaOf(
        feature('proto', 'category', { type: 'utf8' }),
        feature('size', 'bytes'),
        feature('class', 'category', { categories: ['low', 'high'] }),
      );
      const path = join(folder, 'rows.arrow');
      const writer = new DatasetWriter(path, schema);
      await writer.write({
        length: 6,
        columns: {
          proto: ['udp', 'tcp', 'icmp', 'tcp', 'never', 'arp'],
          size: Float32Array.from([1, 2, 3, 4, Number.NaN, 5]),
          class: Float32Array.from([1, 2, 1, 1, 1, 2]),
        },
      });
      await writer.close();
      const reader = await DatasetReader.open(path);
      const document = await fitTransform({ schema, rows: reader.batches(), config: CONFIG, splits: {} });
      await reader.close();
      expect(document.vocabularies).toEqual({ proto: ['tcp', 'arp', 'icmp', 'udp'], class: ['low', 'high'] });
      expect(document.outputs).toEqual([1, 0, 0, 0, 0, 2, 2]);
      expect(document.profile[0]).toEqual({ p05: 1, p50: 2, p95: 4, min: 1, max: 4 });
      expect(describeTransform(document)[0]).toBe('proto: category, one-hot of 4: tcp, arp, icmp, udp');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses text that is no category', async () => {
    const schema = schemaOf(feature('name', 'count', { type: 'utf8' }));
    await expect(fitTransform({ schema, rows: [], config: CONFIG, splits: {} })).rejects.toThrow(/name.*category/);
  });
});
