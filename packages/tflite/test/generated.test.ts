import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  convertLayersModel,
  SUPPORTED_ACTIVATIONS,
  SUPPORTED_LAYERS,
  type LayersModel,
  type Precision,
} from '../src/layers/index.ts';
import { readModel, writeModel, type EngineData, type Model } from '../src/model/index.ts';
import { ENGINES, randomInputs, randomStream, relativeError, runOnce } from './support/engines.ts';
import { LITERT_MISSING, runLiteRt } from './support/litert.ts';
import { buildModel, modelPlan, type ModelPlan } from './support/random-model.ts';
import { predict, randomizeWeights, saved } from './support/tfjs.ts';

/** 300 and more with EDGEGUARD_LONG_TESTS=1, as in CI. */
const RUNS = process.env['EDGEGUARD_LONG_TESTS'] === '1' ? 400 : 60;
const BATCH = 3;
/** A folder for models, inputs and our outputs, which `scripts/check_with_litert.py` compares with the official runtime. */
const EXPORT = process.env['EDGEGUARD_EXPORT_CASES'];

function exportCase(name: string, model: Model, inputs: readonly EngineData[], outputs: readonly EngineData[]): void {
  if (EXPORT === undefined) return;
  mkdirSync(EXPORT, { recursive: true });
  const write = (part: string, data: Uint8Array | EngineData): void =>
    writeFileSync(path.join(EXPORT, `${name}.${part}`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  write('tflite', writeModel(model));
  inputs.forEach((input, i) => write(`input${i}.bin`, input));
  outputs.forEach((output, i) => write(`output${i}.bin`, output));
}

interface Prepared {
  readonly source: LayersModel;
  readonly model: Model;
  readonly inputs: readonly EngineData[];
  readonly expected: readonly Float32Array[];
}

async function prepare(plan: ModelPlan): Promise<Prepared> {
  const source = buildModel(plan);
  randomizeWeights(source, randomStream(plan.seed));
  const layersModel = await saved(source);
  const model = convertLayersModel(layersModel);
  const random = randomStream(plan.seed + 1);
  const inputs =
    plan.rank === 4
      ? [Float32Array.from({ length: BATCH * plan.size }, () => Math.floor(random() * 8))]
      : randomInputs(model, BATCH, plan.seed);
  const expected = predict(source, inputs as Float32Array[], BATCH);
  source.dispose();
  return { source: layersModel, model, inputs, expected };
}

/** The engines of this package, and LiteRT.js where it is installed. */
const RUNNERS = [...ENGINES, ...(LITERT_MISSING === '' ? (['LiteRT.js'] as const) : [])];

function runIn(runner: (typeof RUNNERS)[number], model: Model, inputs: readonly EngineData[]): Promise<EngineData[]> {
  return runner === 'LiteRT.js' ? runLiteRt(model, inputs, BATCH) : runOnce(model, runner, inputs, BATCH);
}

/** Seed of the models in float32. */
const SEED = 20_240_501;
/** What TensorFlow.js does not have, or has under another name; `layers-files.test.ts` and `keras-files.test.ts` test these. */
const NOT_IN_TENSORFLOW_JS = [
  'ActivityRegularization',
  'Normalization',
  'SpatialDropout2D',
  'Subtract',
  'ZeroPadding1D',
  'exponential',
  'hardsigmoid3',
  'silu',
];

it('the generated models have every layer and every activation', { timeout: 120_000 }, async () => {
  const seen = new Set<string>();
  for (const plan of fc.sample(modelPlan, { numRuns: 400, seed: SEED })) {
    const model = buildModel(plan);
    for (const layer of model.layers) {
      seen.add(layer.getClassName());
      const { activation } = layer.getConfig();
      if (typeof activation === 'string') seen.add(activation.toLowerCase().replaceAll('_', ''));
    }
    model.dispose();
  }
  const all = [...SUPPORTED_LAYERS, ...SUPPORTED_ACTIVATIONS];
  expect(all.filter((name) => !seen.has(name))).toEqual(NOT_IN_TENSORFLOW_JS);
});

it(
  `${RUNS} random models agree across TensorFlow.js, ${RUNNERS.join(', ')}${LITERT_MISSING}`,
  { timeout: 600_000 },
  async () => {
    let worst = 0;
    let cases = 0;
    await fc.assert(
      fc.asyncProperty(modelPlan, async (plan) => {
        const { model, inputs, expected } = await prepare(plan);
        const copy = readModel(writeModel(model));
        exportCase(`float32-${cases++}`, copy, inputs, expected);
        for (const engine of RUNNERS) {
          const outputs = await runIn(engine, copy, inputs);
          expected.forEach((output, i) => {
            const error = relativeError(output, outputs[i]);
            worst = Math.max(worst, error);
            expect(
              error,
              `${engine}, ${copy.subgraphs[0].operators.map((operator) => operator.op).join(' ')}`,
            ).toBeLessThan(1e-5);
          });
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    console.log(`${RUNS} random models: largest error ${worst.toExponential(1)} of an output's largest magnitude`);
  },
);

/**
 * Float results that quantised models may differ by between engines: of the output's largest magnitude. Every int8
 * operator may be one step of 255 off where kernels round differently, and later ones may enlarge it. Newer runtimes
 * quantise the rows of `dynamic` with a zero point, older ones without.
 */
const TOLERANCE: Readonly<Record<Precision, number>> = { float32: 1e-5, float16: 1e-5, dynamic: 5e-2, int8: 0.15 };

it.each(['float16', 'dynamic', 'int8'] as const)(
  'random models in %s agree across engines',
  { timeout: 600_000 },
  async (precision) => {
    const runs = Math.ceil(RUNS / 3);
    let worst = 0;
    let cases = 0;
    let identical = 0;
    let total = 0;
    await fc.assert(
      fc.asyncProperty(modelPlan, async (plan) => {
        const { source, inputs } = await prepare(plan);
        const quantized = convertLayersModel(source, { precision, minElements: 0, representative: inputs });
        const copy = readModel(writeModel(quantized));
        const reference = await runOnce(copy, 'reference', inputs, BATCH);
        exportCase(`${precision}-${cases++}`, copy, inputs, reference);
        for (const engine of RUNNERS.filter((runner) => runner !== 'reference')) {
          const outputs = await runIn(engine, copy, inputs);
          reference.forEach((output, i) => {
            const error = relativeError(output, outputs[i]);
            worst = Math.max(worst, error);
            total++;
            if (error === 0) identical++;
            expect(
              error,
              `${engine}, ${copy.subgraphs[0].operators.map((operator) => operator.op).join(' ')}`,
            ).toBeLessThan(TOLERANCE[precision]);
          });
        }
      }),
      { numRuns: runs, seed: 7 },
    );
    console.log(
      `${runs} random models in ${precision}: largest error ${worst.toExponential(1)}, ${identical} of ${total} outputs identical`,
    );
  },
);
