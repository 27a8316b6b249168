import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { convertLayersModel, toDenseChain } from '../src/layers/index.ts';
import { ENGINES, randomInputs, randomStream, relativeError, runOnce } from './support/engines.ts';
import { predict, randomizeWeights, saved } from './support/tfjs.ts';

const { layers } = tfl;

/** The largest relative error of any engine's outputs against TensorFlow.js. */
async function worstError(model: tfl.LayersModel, seed = 1, batch = 5): Promise<number> {
  randomizeWeights(model, randomStream(seed));
  const converted = convertLayersModel(await saved(model));
  const inputs = randomInputs(converted, batch, seed);
  const expected = predict(model, inputs as Float32Array[], batch);
  let worst = 0;
  for (const engine of ENGINES) {
    const outputs = await runOnce(converted, engine, inputs, batch);
    expected.forEach((output, i) => (worst = Math.max(worst, relativeError(output, outputs[i]))));
  }
  return worst;
}

describe('from layers', () => {
  it('converts an autoencoder with batch normalisation, noise and dropout; the dense bias survives the fold', async () => {
    const model = tfl.sequential({
      layers: [
        layers.gaussianNoise({ stddev: 0.1, inputShape: [20] }),
        layers.dense({ units: 16 }),
        layers.batchNormalization(),
        layers.reLU(),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 4, activation: 'tanh' }),
        layers.dense({ units: 16, activation: 'elu' }),
        layers.dense({ units: 20, useBias: false }),
      ],
    });
    expect(await worstError(model)).toBeLessThan(1e-5);
    const converted = convertLayersModel(await saved(model));
    expect(converted.subgraphs[0].operators.map((operator) => operator.op)).toEqual([
      'FULLY_CONNECTED',
      'FULLY_CONNECTED',
      'TANH',
      'FULLY_CONNECTED',
      'ELU',
      'FULLY_CONNECTED',
    ]);
    const chain = toDenseChain(await saved(model));
    expect(chain.map((layer) => [layer.width, layer.units, layer.activation])).toEqual([
      [20, 16, 'relu'],
      [16, 4, 'tanh'],
      [4, 16, 'elu'],
      [16, 20, 'none'],
    ]);
  });

  it('converts a functional model with shared layers, merges, a nested model and two outputs', async () => {
    const input = tfl.input({ shape: [6] });
    const shared = layers.dense({ units: 6, activation: 'relu' });
    const once = shared.apply(input) as tfl.SymbolicTensor;
    const twice = shared.apply(once) as tfl.SymbolicTensor;
    const inner = tfl.sequential({ layers: [layers.dense({ units: 6, activation: 'sigmoid', inputShape: [6] })] });
    const nested = inner.apply(twice) as tfl.SymbolicTensor;
    const sum = layers.add().apply([once, twice, nested]) as tfl.SymbolicTensor;
    const joined = layers.concatenate().apply([sum, input]) as tfl.SymbolicTensor;
    const output = layers.softmax({}).apply(layers.dense({ units: 3 }).apply(joined)) as tfl.SymbolicTensor;
    expect(await worstError(tfl.model({ inputs: input, outputs: [output, sum] }))).toBeLessThan(1e-5);
  });

  const activations = [
    'elu',
    'selu',
    'relu',
    'relu6',
    'linear',
    'sigmoid',
    'hardSigmoid',
    'softplus',
    'softsign',
    'tanh',
    'softmax',
    'swish',
    'mish',
  ] as const;
  it.each(activations)('computes the activation %s', async (activation) => {
    const model = tfl.sequential({
      layers: [layers.dense({ units: 9, inputShape: [7] }), layers.activation({ activation })],
    });
    expect(await worstError(model)).toBeLessThan(1e-5);
  });

  it('names unsupported layers and what is supported', async () => {
    const model = tfl.sequential({
      layers: [layers.upSampling2d({ inputShape: [2, 2, 1] }), layers.flatten(), layers.repeatVector({ n: 2 })],
    });
    const source = await saved(model);
    expect(() => convertLayersModel(source)).toThrow(/UpSampling2D.*RepeatVector.*these are: .*Dense/);
  });
});
