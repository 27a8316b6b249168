import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DistanceDocument, ScorerDocument } from '@edgeguard/contracts';
import { loadEngine } from '@edgeguard/tflite/engines';
import { constantData, type Model, pruneToOutputs, writeModel } from '@edgeguard/tflite/model';
import { appendDenseChain } from '@edgeguard/tflite/quantize';
import { kMeans, SeededRandom, TransformEvaluator } from '@edgeguard/transform';
import { referenceScores } from '../src/artifact/reference-scores.ts';
import { buildDetectorGraph } from '../src/graph/detector-graph.ts';
import { buildInt8Graph } from '../src/graph/int8-autoencoder.ts';
import { comparedRows } from '../src/verification/compared-rows.ts';
import { failureOf } from '../src/verification/failure.ts';
import { verifyArtifact } from '../src/verification/verify-artifact.ts';
import type { ArtifactVerification } from '../src/verification/verification-document.ts';
import { type Fixture, makeFixture } from './support/fixture.ts';
import { denseChain, sourceModel } from './support/parts.ts';

const CENTRES = 6;
const FLOOR = 0.125;

/** Centres of calibration rows, with deviations of their own for every input. */
function handmadeDistance({ transform, calibration, calibrationCount: count }: Fixture): DistanceDocument {
  const evaluator = new TransformEvaluator(transform);
  const width = evaluator.outputWidth;
  const values = new Float32Array(count * width);
  evaluator.apply(calibration, count, values, new Float32Array(calibration.length));
  const { centres } = kMeans({ values, count, width }, CENTRES, 5, new SeededRandom(2));
  return {
    residualWeight: 0.5,
    weight: 0.75,
    deviationFloor: FLOOR,
    centres: centres.flatMap((centre) => Array.from(centre, Math.fround)),
    deviations: Array.from({ length: CENTRES * width }, (_, at) => Math.fround(FLOOR + Math.abs(Math.sin(at)))),
  };
}

describe('a detector with a distance to normal', () => {
  let fixture: Fixture;
  let distance: DistanceDocument;

  beforeAll(async () => {
    fixture = await makeFixture({ calibrationRows: 800 });
    distance = handmadeDistance(fixture);
  });
  afterAll(() => rm(fixture.root, { recursive: true }));

  const withDistance = (change: Partial<DistanceDocument> = {}, penalty = fixture.scorer.penalty): ScorerDocument => ({
    ...fixture.scorer,
    penalty,
    distance: { ...distance, ...change },
  });

  async function floatGraph(scorer: ScorerDocument): Promise<Model> {
    const chain = await denseChain(fixture);
    const { transform } = fixture;
    return buildDetectorGraph({
      transform,
      scorer,
      autoencoder: (g, x) => appendDenseChain(g, x, chain, 'autoencoder'),
    }).model;
  }

  async function int8Graph(scorer: ScorerDocument): Promise<Model> {
    const { transform, calibration: trainRows, calibrationCount: trainCount } = fixture;
    const floatModel = await floatGraph(scorer);
    const chain = await denseChain(fixture);
    return buildInt8Graph({ transform, scorer, chain, floatModel, trainRows, trainCount }).model;
  }

  async function verify(
    model: Model,
    precision: 'float32' | 'int8',
    scorer: ScorerDocument,
    engines?: readonly ('reference' | 'native' | 'wasm')[],
  ): Promise<ArtifactVerification> {
    const { transform, calibration: rows, calibrationCount: count } = fixture;
    const source = await sourceModel(fixture);
    const names = (await denseChain(fixture)).map(({ name }) => name);
    const compared = comparedRows(transform, scorer, source, names, { rows, count });
    source.dispose();
    const bytes = writeModel(model);
    async function* calibration() {
      yield { rows, count, notFinite: 0 };
    }
    const calibrationScores = await referenceScores(bytes, calibration(), count);
    const threshold = calibrationScores.toSorted().at(-5)!;
    const artifact = {
      file: 'detector.tflite',
      precision,
      bytes,
      modelDigest: '0'.repeat(64),
      threshold,
      reconstruction: precision === 'int8' ? 'autoencoder/dequantized' : 'autoencoder/dense_1',
      calibrationScores,
    };
    return verifyArtifact(artifact, {
      compared,
      calibration,
      floatThreshold: threshold,
      ...(engines ? { engines } : {}),
    });
  }

  it.each([
    { kind: 'whitened-residual' } as const,
    { kind: 'huber-residual', bound: 1.5 } as const,
    { kind: 'log-penalty', epsilon: 2 } as const,
  ])('gives what plain arithmetic gives on every engine, by the penalty $kind', async (penalty) => {
    for (const residualWeight of [0.5, 0]) {
      const scorer = withDistance({ residualWeight }, penalty);
      for (const [precision, build] of [
        ['float32', floatGraph],
        ['int8', int8Graph],
      ] as const) {
        const verification = await verify(await build(scorer), precision, scorer);
        expect(failureOf(verification)).toBeUndefined();
        expect(verification.engines.map(({ name, available }) => [name, available])).toEqual([
          ['reference', true],
          ['native', true],
          ['wasm', true],
        ]);
      }
    }
  });

  it.each([
    ['a centre', 'distance/centres', (v: Float32Array) => (v[5]! += 0.1)],
    ['a deviation', 'distance/scales', (v: Float32Array) => (v[4]! *= 1.1)],
    ['a centre of the shares', 'distance/nearest_centre/weights', (v: Float32Array) => v.fill(0, 0, 6)],
    ['a deviation of the shares', 'distance/nearest_scale/weights', (v: Float32Array) => (v[2]! *= 1.1)],
    ['which of two centres comes first', 'distance/before/weights', (v: Float32Array) => v.fill(1)],
    ['what the width of a centre adds', 'distance/widths', (v: Float32Array) => (v[1]! += 0.01)],
    ['a share of a feature', 'feature_error/distance/weights', (v: Float32Array) => v.fill(0, 0, 3)],
    ['what a width adds to a feature', 'feature_error/widths/weights', (v: Float32Array) => v.fill(0, 0, 9)],
  ] as const)('is not passed by the gate where %s is wrong', async (_, name, change) => {
    const scorer = withDistance();
    const model = await floatGraph(scorer);
    const tensor = model.subgraphs[0]!.tensors.find((candidate) => candidate.name === name)!;
    const values = Float32Array.from(constantData(model, tensor) as Float32Array);
    change(values);
    const bytes = new Uint8Array(values.buffer);
    const broken = { ...model, buffers: model.buffers.map((old, i) => (i === tensor.buffer ? bytes : old)) };
    expect(failureOf(await verify(broken, 'float32', scorer, ['reference']))?.message).toMatch(/against the source/);
  });

  it('takes the first of two centres that are equally near, so that the shares add up', async () => {
    const width = fixture.transform.outputs.length;
    const first = distance.centres.slice(0, width);
    const deviations = distance.deviations.slice(0, width);
    const scorer = withDistance({ centres: [...first, ...first], deviations: [...deviations, ...deviations] });
    const once = withDistance({ centres: first, deviations });
    const [found, wanted] = await Promise.all([scorer, once].map(async (each) => outputsOf(await floatGraph(each))));
    for (const [at, share] of wanted!.shares.entries()) expect(found!.shares[at]).toBe(share);
    expect(failureOf(await verify(await floatGraph(scorer), 'float32', scorer))).toBeUndefined();
  });

  it('leaves expected values as they are, and a scorer without a distance its graph', async () => {
    const [plain, both] = [await floatGraph(fixture.scorer), await floatGraph(withDistance())];
    expect((await outputsOf(both)).expected).toEqual((await outputsOf(plain)).expected);
    const names = plain.subgraphs[0]!.tensors.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('distance'))).toEqual([]);
  });

  it('needs no autoencoder for the score where the distance is all of it', async () => {
    const scorer = withDistance({ residualWeight: 0 });
    const ofScore = (model: Model): string[] =>
      pruneToOutputs(model, ['score']).subgraphs[0]!.tensors.map(({ name }) => name.split('/')[0]!);
    expect(ofScore(await floatGraph(withDistance()))).toContain('autoencoder');
    expect(ofScore(await floatGraph(scorer))).not.toContain('autoencoder');
  });

  /** What the reference engine computes for the calibration rows. */
  async function outputsOf(model: Model) {
    const { calibration, calibrationCount: count } = fixture;
    const engine = await loadEngine(writeModel(model), { engine: 'reference' });
    engine.resize(count);
    const scores = new Float32Array(count);
    const [expected, shares] = [new Float32Array(calibration.length), new Float32Array(calibration.length)];
    engine.run([calibration], [scores, expected, shares]);
    engine.dispose();
    return { scores, expected, shares };
  }
});
