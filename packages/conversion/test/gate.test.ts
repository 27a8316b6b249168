import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { constantData, type Model, writeModel } from '@edgeguard/tflite/model';
import { appendDenseChain } from '@edgeguard/tflite/quantize';
import { inverseConstants } from '@edgeguard/transform';
import { referenceScores } from '../src/artifact/reference-scores.ts';
import { buildDetectorGraph } from '../src/graph/detector-graph.ts';
import { buildInt8Graph } from '../src/graph/int8-autoencoder.ts';
import { floatChecks } from '../src/verification/checks.ts';
import { type ComparedRows, comparedRows } from '../src/verification/compared-rows.ts';
import { failureOf } from '../src/verification/failure.ts';
import { type Artifact, verifyArtifact } from '../src/verification/verify-artifact.ts';
import type { ArtifactVerification } from '../src/verification/verification-document.ts';
import { type Fixture, makeFixture } from './support/fixture.ts';
import { denseChain, sourceModel } from './support/parts.ts';

/** A copy of a model with one constant or scale changed. */
function broken(model: Model, name: string, change: (values: Float32Array) => void): Model {
  const tensor = model.subgraphs[0]!.tensors.find((candidate) => candidate.name === name);
  if (!tensor) throw new Error(`no tensor ${name}`);
  const values = Float32Array.from(constantData(model, tensor) as Float32Array);
  change(values);
  return {
    ...model,
    buffers: model.buffers.map((bytes, i) => (i === tensor.buffer ? new Uint8Array(values.buffer) : bytes)),
  };
}

function brokenScale(model: Model, name: string, factor: number): Model {
  const [subgraph] = model.subgraphs;
  const tensors = subgraph!.tensors.map((tensor) =>
    tensor.name === name && tensor.quantization
      ? { ...tensor, quantization: { ...tensor.quantization, scale: tensor.quantization.scale.map((s) => s * factor) } }
      : tensor,
  );
  return { ...model, subgraphs: [{ ...subgraph!, tensors }] };
}

describe('the verification gate', () => {
  let fixture: Fixture;
  let compared: ComparedRows;
  let float: Model;
  let int8: Model;

  beforeAll(async () => {
    fixture = await makeFixture({ calibrationRows: 800 });
    const { transform, scorer, calibration, calibrationCount } = fixture;
    const normal = { rows: calibration, count: calibrationCount };
    const source = await sourceModel(fixture);
    const chain = await denseChain(fixture);
    const names = chain.map(({ name }) => name);
    compared = comparedRows(transform, scorer, source, names, normal);
    float = buildDetectorGraph({
      transform,
      scorer,
      autoencoder: (g, x) => appendDenseChain(g, x, chain, 'autoencoder'),
    }).model;
    int8 = buildInt8Graph({
      transform,
      scorer,
      chain,
      floatModel: float,
      trainRows: calibration,
      trainCount: calibrationCount,
    }).model;
  });
  afterAll(() => rm(fixture.root, { recursive: true }));

  async function* calibration() {
    yield { rows: fixture.calibration, count: fixture.calibrationCount, notFinite: 0 };
  }

  async function verify(
    model: Model,
    precision: Artifact['precision'],
    engines?: readonly ('reference' | 'native' | 'wasm')[],
    rows = compared,
  ): Promise<ArtifactVerification> {
    const bytes = writeModel(model);
    const scores = await referenceScores(bytes, calibration(), fixture.calibrationCount);
    const threshold = scores.toSorted().at(-5)!;
    return verifyArtifact(
      {
        file: 'detector.tflite',
        precision,
        bytes,
        modelDigest: '0'.repeat(64),
        threshold,
        reconstruction: precision === 'int8' ? 'autoencoder/dequantized' : 'autoencoder/dense_1',
        calibrationScores: scores,
      },
      { compared: rows, calibration, floatThreshold: threshold, ...(engines ? { engines } : {}) },
    );
  }

  it('passes the graphs as they are built', async () => {
    for (const [model, precision] of [
      [float, 'float32'],
      [int8, 'int8'],
    ] as const) {
      const verification = await verify(model, precision);
      expect(failureOf(verification)).toBeUndefined();
      expect(verification.passed).toBe(true);
    }
  });

  it.each([{ kind: 'huber-residual', bound: 1 } as const, { kind: 'log-penalty', epsilon: 2 } as const])(
    'passes the graph of a $kind, and catches that of another penalty',
    async (penalty) => {
      const { transform, scorer, calibration: normal, calibrationCount: count } = fixture;
      const chain = await denseChain(fixture);
      const source = await sourceModel(fixture);
      const names = chain.map(({ name }) => name);
      const other = comparedRows(transform, { ...scorer, penalty }, source, names, { rows: normal, count });
      const { model } = buildDetectorGraph({
        transform,
        scorer: { ...scorer, penalty },
        autoencoder: (g, x) => appendDenseChain(g, x, chain, 'autoencoder'),
      });
      expect(failureOf(await verify(model, 'float32', undefined, other))).toBeUndefined();
      const wrong = await verify(float, 'float32', ['reference'], other);
      expect(failureOf(wrong)?.message).toMatch(/score against the source/);
    },
  );

  it.each([
    ['a bias of the autoencoder', 'autoencoder/dense_0/bias', (v: Float32Array) => (v[2]! += 0.01)],
    ['a bias of the whitening', 'whitened/bias', (v: Float32Array) => (v[0]! += 0.001)],
    ['a scale of the transform', 'affine/multiply_log', (v: Float32Array) => (v[0]! *= 1.001)],
    ['a weight of a sum', 'score/penalties/weights', (v: Float32Array) => (v[1]! *= 1.01)],
    ['a bound of saturation', 'one_hot/multiply', (v: Float32Array) => (v[0]! *= 1.001)],
    ['a code of a category', 'one_hot/offset/bias', (v: Float32Array) => (v[1]! -= 1)],
    ['a share of a feature', 'feature_error/penalties/weights', (v: Float32Array) => v.fill(0, 0, 3)],
    ['a code of an expected category', 'expected/codes/weights', (v: Float32Array) => v.fill(0)],
    ['the evidence of an unknown category', 'evidence/half', (v: Float32Array) => v.fill(1e30)],
    ['a scale of the way back', 'expected/scale', (v: Float32Array) => (v[0]! *= 1.01)],
  ] as const)('catches %s that is wrong (float32)', async (_, tensor, change) => {
    const verification = await verify(broken(float, tensor, change), 'float32', ['reference']);
    expect(verification.passed).toBe(false);
    expect(failureOf(verification)?.message).toMatch(
      /not the model that was trained: reference: .* against the source/,
    );
  });

  it('lets a feature that was constant in train rows be off by rounding, and by no more', () => {
    const { transform, source } = compared;
    const constant = transform.schema.features.findIndex(({ kind }) => kind === 'flag');
    const rows: ComparedRows = {
      ...compared,
      transform: {
        ...transform,
        profile: transform.profile.map((each, f) =>
          f === constant ? { p05: 0, p50: 0, p95: 0, min: 0, max: 0 } : each,
        ),
      },
      source: {
        ...source,
        expected: source.expected.map((value, i) => (i % transform.profile.length === constant ? 0 : value)),
      },
    };
    const deviation = inverseConstants(transform).multiply[constant]!;
    const checkOf = (deviations: number) => {
      const expected = Float32Array.from(rows.source.expected);
      // What float32 leaves where terms of 30 deviations cancel: some 2e-6 of one deviation.
      expected[7 * transform.profile.length + constant] = deviations * deviation;
      return floatChecks('reference', rows, { ...rows.source, expected }).at(-1)!;
    };
    expect(checkOf(5e-6)).toMatchObject({ passed: true });
    expect(checkOf(5e-3)).toMatchObject({
      name: expect.stringContaining('expected values') as string,
      passed: false,
      where: `calibration sample 7, ${transform.schema.features[constant]!.name}`,
    });
  });

  it('names the layer that is wrong', async () => {
    const wrong = broken(float, 'autoencoder/dense_1/bias', (values) => (values[0]! += 0.01));
    const verification = await verify(wrong, 'float32', ['reference']);
    expect(failureOf(verification)?.message).toMatch(/reference: layer dense_1 against the source/);
    expect(verification.layers.map(({ layer, largest }) => [layer, largest > 1e-5])).toEqual([
      ['dense_0', false],
      ['dense_1', true],
    ]);
    const { layers } = await verify(int8, 'int8', ['reference']);
    expect(layers.map(({ layer, type }) => [layer, type])).toEqual([
      ['dense_0', 'int8'],
      ['dense_1', 'int8'],
    ]);
    expect(layers.every(({ relative }) => relative > 1e-4 && relative < 0.05)).toBe(true);
  });

  it('catches a transposed matrix (float32)', async () => {
    const width = fixture.transform.outputs.length;
    const transposed = broken(float, 'whitened/weights', (values) => {
      const original = values.slice();
      for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) values[i * width + j] = original[j * width + i]!;
    });
    const verification = await verify(transposed, 'float32', ['reference']);
    expect(failureOf(verification)?.message).toMatch(/score against the source/);
  });

  it('catches a bias, a transpose and a scale that are wrong (int8)', async () => {
    const bias = int8.subgraphs[0]!.tensors.find(({ name }) => name === 'autoencoder/dense_1/bias')!;
    const values = constantData(int8, bias) as Int32Array;
    const shifted = Int32Array.from(values, (value, i) => (i % 2 === 0 ? value + 2000 : value));
    const wrongBias: Model = {
      ...int8,
      buffers: int8.buffers.map((bytes, i) => (i === bias.buffer ? new Uint8Array(shifted.buffer) : bytes)),
    };
    const width = fixture.transform.outputs.length;
    const transposed = broken(int8, 'whitened/weights', (w) => {
      const original = w.slice();
      for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) w[i * width + j] = original[j * width + i]!;
    });
    const scaled = brokenScale(int8, 'autoencoder/dense_0/weights', 1.3);
    const failed = [];
    for (const model of [wrongBias, transposed, scaled]) {
      const { checks } = await verify(model, 'int8', ['reference', 'native']);
      failed.push(checks.filter(({ passed }) => !passed).map(({ name }) => name));
    }
    expect(failed).toEqual([
      expect.arrayContaining(['mean error of a reconstruction, in typical residuals']),
      expect.arrayContaining(['score against plain arithmetic around its autoencoder, relative']),
      expect.arrayContaining(['error of reconstructions, in typical residuals']),
    ]);
  });

  it('does not pass an artifact that no independent engine has seen', async () => {
    const failure = failureOf(await verify(float, 'float32', ['reference']));
    expect(failure?.message).toMatch(/independent engines that could be asked is 0, must be at least 1/);
  });
});
