import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { readModel, validateModel, writeModel, type Model, type Operator, type Tensor } from '../src/model/index.ts';

function sample(): Model {
  const g = new GraphBuilder({ description: 'sample' });
  const x = g.input('x', 4);
  const y = g.fullyConnected(
    x,
    g.constant('w', [3, 4], new Float32Array(12)),
    g.constant('b', [3], new Float32Array(3)),
    'relu',
    'dense',
  );
  g.output('y', g.concat([y, x], 1, 'joined'));
  return g.build();
}

/** A copy with one tensor or operator changed. */
function changed(edit: { tensor?: [string, Partial<Tensor>]; operator?: [number, Partial<Operator>] }): Model {
  const model = sample();
  const [subgraph] = model.subgraphs;
  const tensors = subgraph.tensors.map((tensor) =>
    tensor.name === edit.tensor?.[0] ? { ...tensor, ...edit.tensor[1] } : tensor,
  );
  const operators = subgraph.operators.map((operator, i) =>
    i === edit.operator?.[0] ? ({ ...operator, ...edit.operator[1] } as Operator) : operator,
  );
  return { ...model, subgraphs: [{ ...subgraph, tensors, operators }] };
}

describe('validation names what is wrong', () => {
  const cases: readonly (readonly [string, Model, RegExp])[] = [
    [
      'buffer size',
      changed({ tensor: ['w', { shape: [3, 5] }] }),
      /tensor \d+ \(w\): buffer \d+ has 48 bytes, shape \[3, 5\] needs 60/,
    ],
    ['unknown buffer', changed({ tensor: ['w', { buffer: 99 }] }), /tensor \d+ \(w\): names buffer 99/],
    ['negative dimension', changed({ tensor: ['x', { shape: [1, -4] }] }), /tensor 0 \(x\): has a dimension of -4/],
    ['signature', changed({ tensor: ['x', { shapeSignature: [-1, 5] }] }), /contradicts its signature/],
    ['type', changed({ tensor: ['dense', { type: 'int32' }] }), /operator 0 \(FULLY_CONNECTED -> dense\): types/],
    [
      'shape',
      changed({ tensor: ['dense', { shape: [1, 9], shapeSignature: [-1, 9] }] }),
      /operator 0 .*gives shape \[1, 3\], tensor dense has \[1, 9\]/,
    ],
    ['missing input', changed({ operator: [0, { inputs: [0, 77, 2] }] }), /operator 0 .*input 1 names tensor 77/],
    [
      'order',
      changed({ operator: [0, { inputs: [4, 1, 2] }] }),
      /operator 0 .*reads tensor 4 \(joined\) before anything computes it/,
    ],
    ['cycle', changed({ operator: [1, { inputs: [4, 0] }] }), /reads tensor 4 \(joined\) before/],
    [
      'written twice',
      changed({ operator: [1, { outputs: [3] }] }),
      /writes tensor 3 \(dense\), which already has a value/,
    ],
    ['arity', changed({ operator: [0, { inputs: [0] }] }), /operator 0 .*has 1 inputs/],
    [
      'quantisation',
      changed({ tensor: ['w', { quantization: { scale: [1, 2], zeroPoint: [0], quantizedDimension: 0 } }] }),
      /2 scales and 1 zero points/,
    ],
  ];
  it.each(cases)('%s', (_, model, message) => {
    expect(() => validateModel(model, 'model')).toThrow(message);
    expect(() => writeModel(model)).toThrow(message);
  });

  it('of files: identifier, truncation, unknown operators', () => {
    const bytes = writeModel(sample());
    expect(() => readModel(new Uint8Array(3), { place: 'a.tflite' })).toThrow('a.tflite: has 3 bytes');
    expect(() => readModel(bytes.subarray(0, 100))).toThrow(/truncated or damaged|buffers/);
    expect(() => readModel(Buffer.from('not a model at all'))).toThrow('identifier TFL3');
  });

  it('per-channel dense weights are refused, because older runtimes miscompute them', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 2, { quantization: { scale: 1, zeroPoint: 0 } });
    const w = g.constant('w', [2, 2], new Int8Array(4), {
      quantization: { scale: [1, 2], zeroPoint: [0, 0], quantizedDimension: 0 },
    });
    g.output('y', g.fullyConnectedInt8(x, w, null, { scale: 1, zeroPoint: 0 }));
    expect(() => g.build()).toThrow('weights w are quantised per channel; FULLY_CONNECTED needs one scale');
  });
});

describe('the writer', () => {
  it('gives the same bytes for the same model, with constants aligned to 16 bytes', () => {
    const bytes = writeModel(sample());
    expect(writeModel(sample())).toEqual(bytes);
    const model = readModel(bytes);
    for (const buffer of model.buffers.slice(1)) expect((buffer.byteOffset - bytes.byteOffset) % 16).toBe(0);
    expect(Buffer.from(bytes.subarray(4, 8)).toString()).toBe('TFL3');
    expect(model).toEqual(sample());
  });
});
