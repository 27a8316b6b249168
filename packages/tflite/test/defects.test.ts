import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { ENGINES, normals, randomStream, relativeError, runOnce } from './support/engines.ts';
import { writeModel, readModel, type Model } from '../src/model/index.ts';

/** Graphs that shipped kernels crash on or get wrong, and that engines rewrite first. */
const GRAPHS: Readonly<Record<string, (g: GraphBuilder) => void>> = {
  'an operator whose result nothing uses': (g) => {
    const x = g.relu(g.input('x', 6));
    g.square(g.sub(g.add(x, g.scalar(1)), g.scalar(2)));
    g.output('y', g.square(x));
  },
  'an operator on constants alone': (g) => {
    const x = g.input('x', 6);
    g.output('y', g.add(x, g.square(g.row('c', Float32Array.of(1, 2, 3, 4, 5, 6)))));
  },
  'SLICE with open sizes': (g) => {
    const x = g.input('x', 6);
    const begin = g.constant('begin', [2], Int32Array.of(0, 2));
    const size = g.constant('size', [2], Int32Array.of(-1, 3));
    g.output('y', g.operator('SLICE', [x, begin, size], {}));
  },
  'SPLIT of which one part is used': (g) => {
    g.output('y', g.split(g.relu(g.input('x', 6)), 3)[1]);
  },
  'an output that is an input of later operators': (g) => {
    const x = g.relu(g.input('x', 6));
    g.output('inner', x);
    g.output('y', g.exp(x));
  },
  'a RESHAPE right after an input': (g) => {
    g.output('y', g.reshape(g.input('x', 6), [-1, 2, 3]));
  },
  'one tensor as two outputs': (g) => {
    const y = g.tanh(g.input('x', 6));
    g.output('a', y);
    g.output('b', y);
  },
};

describe('indices beyond a table', () => {
  it.each(ENGINES)('give its first or last entry in %s', async (engine) => {
    const g = new GraphBuilder();
    const table = g.constant('table', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
    g.output('y', g.gather(table, g.cast(g.input('x', 1), 'int32'), 0));
    const [output] = await runOnce(g.build(), engine, [Float32Array.of(1, 3, -1, 1e9, -1e9)], 5);
    expect(Array.from(output)).toEqual([3, 4, 5, 6, 1, 2, 5, 6, 1, 2]);
  });
});

it.each(ENGINES)('64-bit indices are limited too in %s', async (engine) => {
  const g = new GraphBuilder();
  const table = g.constant('table', [3, 1], Float32Array.of(1, 2, 3));
  const index = g.maximum(g.cast(g.input('x', 1), 'int64'), g.constant('least', [1], BigInt64Array.of(1n)));
  g.output('y', g.gather(table, index, 0));
  const [output] = await runOnce(g.build(), engine, [Float32Array.of(0, 2, 7)], 3);
  expect(Array.from(output)).toEqual([2, 3, 3]);
});

describe('defects of shipped kernels', () => {
  it.each(Object.keys(GRAPHS))('%s', async (name) => {
    const g = new GraphBuilder();
    GRAPHS[name](g);
    const model: Model = readModel(writeModel(g.build()));
    const input = normals(randomStream(1), 4 * 6);
    const expected = await runOnce(model, 'reference', [input], 4);
    for (const engine of ENGINES) {
      const outputs = await runOnce(model, engine, [input], 4);
      expected.forEach((output, i) =>
        expect(relativeError(output, outputs[i]), `${engine} output ${i}`).toBeLessThan(1e-6),
      );
    }
  });
});

/** int8 operators one at a time: engines may differ by one step where their kernels round differently. */
const INT8: Readonly<Record<string, (g: GraphBuilder) => void>> = (() => {
  const a = { scale: 0.05, zeroPoint: 3 };
  const b = { scale: 0.02, zeroPoint: -7 };
  const x = (g: GraphBuilder) => g.input('x', [4, 4, 2], { quantization: a });
  const y = (g: GraphBuilder) => g.input('y', [4, 4, 2], { quantization: b });
  const additive = { activation: 'none', potScaleInt16: true } as const;
  return {
    ADD: (g) =>
      g.output('o', g.operator('ADD', [x(g), y(g)], additive, { quantization: { scale: 0.06, zeroPoint: 1 } })),
    SUB: (g) =>
      g.output('o', g.operator('SUB', [x(g), y(g)], additive, { quantization: { scale: 0.06, zeroPoint: 1 } })),
    MUL: (g) =>
      g.output(
        'o',
        g.operator('MUL', [x(g), y(g)], { activation: 'none' }, { quantization: { scale: 0.1, zeroPoint: 0 } }),
      ),
    MAXIMUM: (g) => g.output('o', g.maximum(x(g), g.input('y', [4, 4, 2], { quantization: a }))),
    RELU: (g) => g.output('o', g.operator('RELU', [x(g)], {}, { quantization: { scale: 0.03, zeroPoint: -128 } })),
    LEAKY_RELU: (g) =>
      g.output(
        'o',
        g.operator('LEAKY_RELU', [x(g)], { alpha: 0.2 }, { quantization: { scale: 0.05, zeroPoint: -60 } }),
      ),
    TANH: (g) => g.output('o', g.operator('TANH', [x(g)], {}, { quantization: { scale: 1 / 128, zeroPoint: 0 } })),
    LOGISTIC: (g) =>
      g.output('o', g.operator('LOGISTIC', [x(g)], {}, { quantization: { scale: 1 / 256, zeroPoint: -128 } })),
    ELU: (g) => g.output('o', g.operator('ELU', [x(g)], {}, { quantization: { scale: 0.05, zeroPoint: -100 } })),
    SOFTMAX: (g) =>
      g.output('o', g.operator('SOFTMAX', [x(g)], { beta: 1 }, { quantization: { scale: 1 / 256, zeroPoint: -128 } })),
    HARD_SWISH: (g) =>
      g.output('o', g.operator('HARD_SWISH', [x(g)], {}, { quantization: { scale: 0.05, zeroPoint: -100 } })),
    QUANTIZE: (g) => g.output('o', g.quantize(x(g), b)),
    AVERAGE_POOL_2D: (g) => g.output('o', g.averagePool2d(x(g), { size: [3, 2], strides: [1, 1], padding: 'same' })),
    MAX_POOL_2D: (g) => g.output('o', g.maxPool2d(x(g), { size: [2, 2] })),
    PAD: (g) =>
      g.output(
        'o',
        g.pad(x(g), [
          [0, 0],
          [1, 0],
          [0, 2],
          [0, 0],
        ]),
      ),
    CONCATENATION: (g) => g.output('o', g.concat([x(g), g.input('y', [4, 4, 2], { quantization: a })], 3)),
    TRANSPOSE: (g) => g.output('o', g.transpose(x(g), [0, 2, 1, 3])),
  };
})();

describe('int8 operators', () => {
  it.each(Object.keys(INT8))('%s differs by at most one step', async (name) => {
    const g = new GraphBuilder();
    INT8[name](g);
    const model = readModel(writeModel(g.build()));
    const random = randomStream(2);
    const inputs = model.subgraphs[0].inputs.map(() =>
      Int8Array.from({ length: 8 * 32 }, () => Math.floor(random() * 256) - 128),
    );
    const [expected] = await runOnce(model, 'reference', inputs, 8);
    const shares: string[] = [];
    for (const engine of ['native', 'wasm'] as const) {
      const [actual] = await runOnce(model, engine, inputs, 8);
      const steps = Array.from(expected, (value, i) => Math.abs(value - Number(actual[i])));
      shares.push(`${engine} ${((100 * steps.filter((step) => step > 0).length) / steps.length).toFixed(1)} %`);
      expect(Math.max(...steps), `${engine}`).toBeLessThanOrEqual(1);
    }
    console.log(`${name}: one step apart: ${shares.join(', ')}`);
  });
});
