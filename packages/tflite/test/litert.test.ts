import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import {
  readModel,
  writeModel,
  type EngineData,
  type Model,
  type Quantization,
  type Tensor,
} from '../src/model/index.ts';
import { MODELS, MODELS_MISSING } from './support/data.ts';
import { ENGINES, normals, randomInputs, randomStream, relativeError, runOnce, stepError } from './support/engines.ts';
import { LITERT_MISSING, runLiteRt } from './support/litert.ts';

const files = MODELS_MISSING === '' ? readdirSync(MODELS).filter((name) => name.endsWith('.tflite')) : [];
const missing = LITERT_MISSING || MODELS_MISSING;

/** LiteRT.js takes and gives no int8: runs a model of one input and output behind QUANTIZE and before DEQUANTIZE. */
async function runInt8InLiteRt(model: Model, inputs: readonly EngineData[], batch: number): Promise<EngineData[]> {
  const [subgraph] = model.subgraphs;
  const [input, output] = [subgraph.inputs[0], subgraph.outputs[0]];
  const { tensors } = subgraph;
  const float = ({ shape }: Tensor, name: string): Tensor => ({
    name,
    shape,
    type: 'float32',
    buffer: 0,
    isVariable: false,
  });
  const shell: Model = {
    ...model,
    signatures: [],
    subgraphs: [
      {
        ...subgraph,
        tensors: [...tensors, float(tensors[input], 'float input'), float(tensors[output], 'float output')],
        inputs: [tensors.length],
        outputs: [tensors.length + 1],
        operators: [
          { op: 'QUANTIZE', version: 1, inputs: [tensors.length], outputs: [input], options: {} },
          ...subgraph.operators,
          { op: 'DEQUANTIZE', version: 2, inputs: [output], outputs: [tensors.length + 1], options: {} },
        ],
      },
    ],
  };
  const affine = ({ quantization }: Tensor): readonly [number, number] => {
    const { scale, zeroPoint } = quantization as Quantization;
    return [scale[0], zeroPoint[0]];
  };
  const [scale, zeroPoint] = affine(tensors[input]);
  const real = Float32Array.from(inputs[0] as Int8Array, (value) => (value - zeroPoint) * scale);
  const [outputScale, outputZeroPoint] = affine(tensors[output]);
  const [values] = await runLiteRt(shell, [real], batch);
  return [Int8Array.from(values as Float32Array, (value) => Math.round(value / outputScale) + outputZeroPoint)];
}

describe.skipIf(missing !== '')(`models of MLPerf Tiny in LiteRT.js${missing}`, () => {
  it.each(files)('%s, read and written again, gives what every engine gives', async (name) => {
    const model = readModel(writeModel(readModel(readFileSync(path.join(MODELS, name)), { place: name })));
    const integer = model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]].type === 'int8';
    const batch = 64;
    const inputs = randomInputs(model, batch, 17, 10);
    const [oracle] = await (integer ? runInt8InLiteRt(model, inputs, batch) : runLiteRt(model, inputs, batch));
    for (const engine of ENGINES) {
      const [actual] = await runOnce(model, engine, inputs, batch);
      const { steps, share } = stepError(oracle, actual);
      const error = relativeError(oracle, actual);
      console.log(
        integer
          ? `${name}, ${engine} and LiteRT.js: ${(100 * share).toFixed(2)} % of the values differ, by at most ${steps}`
          : `${name}, ${engine} and LiteRT.js: largest error ${error.toExponential(1)} of the largest magnitude`,
      );
      expect(oracle.some((value) => value !== oracle[0])).toBe(true);
      expect(integer ? steps : error).toBeLessThanOrEqual(integer ? 1 : 1e-5);
    }
  });
});

/** A scorer as detectors have it: clip, log, affine, residual of a narrow layer, whitened sum of squares. */
function scorer(features: number, seed: number): Model {
  const random = randomStream(seed);
  const weights = (name: string, out: number, width: number) =>
    [name, [out, width], normals(random, out * width, 1 / Math.sqrt(width))] as const;
  const g = new GraphBuilder();
  const x = g.input('features', features);
  const positive = g.relu(x);
  const scaled = g.log(g.add(positive, g.scalar(1)));
  const hidden = g.fullyConnected(scaled, g.constant(...weights('in', 3, features)), null, 'relu');
  const back = g.fullyConnected(hidden, g.constant(...weights('out', features, 3)), null);
  const residual = g.sub(scaled, back);
  const white = g.fullyConnected(residual, g.constant(...weights('whiten', features, features)), null);
  const shares = g.mul(white, white);
  const ones = g.constant('ones', [1, features], new Float32Array(features).fill(1));
  g.output('score', g.reshape(g.fullyConnected(shares, ones, null), [-1]));
  g.output('feature_error', shares);
  return readModel(writeModel(g.build()));
}

describe.skipIf(LITERT_MISSING !== '')(`scorers in LiteRT.js${LITERT_MISSING}`, () => {
  it.each([1, 2, 5, 17, 54])('of %i features give what every engine gives', async (features) => {
    for (const batch of [1, 7, 32]) {
      const model = scorer(features, features);
      const inputs = randomInputs(model, batch, features + batch, 50);
      const oracle = await runLiteRt(model, inputs, batch);
      expect(oracle).toHaveLength(2);
      for (const engine of ENGINES) {
        const outputs = await runOnce(model, engine, inputs, batch);
        oracle.forEach((output, i) => {
          expect(relativeError(output, outputs[i]), `${engine}, batch ${batch}, output ${i}`).toBeLessThan(1e-5);
        });
      }
    }
  });
});
