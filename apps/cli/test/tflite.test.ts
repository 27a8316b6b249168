import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Column } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { GraphBuilder } from '@edgeguard/tflite/builder';
import { writeModel } from '@edgeguard/tflite/model';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const model = join(folder, 'dense.tflite');
const layers = join(folder, 'model.json');
const rows = join(folder, 'rows.csv');
const KERNEL = Float32Array.of(1, 4, 2, 5, 3, 6);
const BIAS = Float32Array.of(0.5, -0.5);

beforeAll(() => {
  // y = x K + b with K [3, 2], once as .tflite, whose weights are [out, in], and once as a LayersModel.
  const g = new GraphBuilder({ description: 'a dense layer' });
  const weights = g.constant('weights', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
  g.output('y', g.fullyConnected(g.input('x', 3), weights, g.constant('bias', [2], BIAS), 'none', 'y'));
  writeFileSync(model, writeModel(g.build()));
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat([Buffer.from(KERNEL.buffer), Buffer.from(BIAS.buffer)]));
  writeFileSync(
    layers,
    JSON.stringify({
      format: 'layers-model',
      modelTopology: {
        class_name: 'Sequential',
        config: {
          name: 'dense',
          layers: [
            {
              class_name: 'Dense',
              config: { name: 'y', units: 2, activation: 'linear', use_bias: true, batch_input_shape: [null, 3] },
            },
          ],
        },
      },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: [
            { name: 'y/kernel', shape: [3, 2], dtype: 'float32' },
            { name: 'y/bias', shape: [2], dtype: 'float32' },
          ],
        },
      ],
    }),
  );
  writeFileSync(rows, 'a,b,c\n1,0,0\n1,1,1\n');
});

async function output(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await edgeguard(['tflite', ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

describe('tflite', () => {
  it('measures engines at batch sizes, in a table and as JSON', async () => {
    expect(await output('bench', model, '--batch', '1,8')).toMatch(
      /us of CPU per row, batch +1 +8\n[- ]+\nnative +[\d.]+ +[\d.]+\nwasm +[\d.]+ +[\d.]+\nreference +[\d.]+ +[\d.]+\n$/,
    );
    const report = JSON.parse(await output('bench', model, '--engine', 'reference', '--batch', '4', '--json')) as {
      engines: { engine: string; microsecondsPerRow: Record<string, number> }[];
    };
    expect(report.engines).toHaveLength(1);
    expect(report.engines[0]!.engine).toBe('reference');
    expect(report.engines[0]!.microsecondsPerRow['4']).toBeGreaterThan(0);
    expect((await edgeguard(['tflite', 'bench', model, '--batch', '0'])).code).toBe(2);
  });

  it('inspects a model, in words and as JSON', async () => {
    expect(await output('inspect', model)).toMatch(/0 +FULLY_CONNECTED +1 +y +float32\[\?,2\] +32 +6 +x weights bias/);
    const summary = JSON.parse(await output('inspect', model, '--json'));
    expect(summary).toMatchObject({ description: 'a dense layer', multiplications: 6 });
  });

  it('validates a model, and refuses what is none in one line', async () => {
    expect(await output('validate', model)).toBe(`${model}: valid, 1 operators\n`);
    expect(complaint(await edgeguard(['tflite', 'validate', rows]))).toMatch(/rows\.csv: .*TFL3/);
    writeFileSync(join(folder, 'cut.tflite'), readFileSync(model).subarray(0, 200));
    expect(complaint(await edgeguard(['tflite', 'validate', join(folder, 'cut.tflite')]))).toMatch(/cut\.tflite: /);
  });

  it.each(['native', 'wasm', 'reference'])('runs rows on the engine %s', async (engine) => {
    expect(await output('run', model, rows, '--engine', engine)).toBe('y.0,y.1\n1.5,3.5\n6.5,14.5\n');
  });

  it('compares engines', async () => {
    expect(await output('run', model, rows, '--compare')).toMatch(/native +y +0\.00e\+0 +0\.00e\+0 +0 %\nwasm +y/);
  });

  it.each(['float32', 'float16', 'dynamic', 'int8'])('converts a LayersModel to %s', async (precision) => {
    const out = join(folder, `${precision}.tflite`);
    const int8 = precision === 'int8' ? ['--representative', rows] : [];
    await output('convert', layers, '-o', out, '--precision', precision, ...int8);
    const values = (await output('run', out, rows, '--engine', 'reference'))
      .split('\n')
      .slice(1, 3)
      .join(',')
      .split(',');
    const wanted = [1.5, 3.5, 6.5, 14.5];
    values.forEach((value, i) => expect(Math.abs(Number(value) - wanted[i]!)).toBeLessThan(0.2));
  });

  it('verifies a conversion in TensorFlow.js and two engines, in words and as JSON', async () => {
    const out = join(folder, 'verified.tflite');
    const words = await output('convert', layers, out, '--verify');
    expect(words).toMatch(/TensorFlow\.js \(float32 form\) +normal deviates +y +[\d.]+e-\d+ +0\.00001|0\.0e\+0/);
    const options = ['--precision', 'int8', '--representative', rows, '--ranges', 'mse', '--verify', '--json'];
    const report = JSON.parse(await output('convert', layers, '-o', out, ...options));
    expect(report).toMatchObject({ file: out, precision: 'int8', bytes: readFileSync(out).length });
    expect(report.int8.ranges.y).toMatchObject({ method: 'mse', min: 0 });
    expect(report.int8.quantized).toContain('y');
    expect(new Set(report.verification.outputs.map((each: { by: string }) => each.by))).toEqual(
      new Set(['TensorFlow.js', 'native', 'wasm']),
    );
    expect(report.verification).toMatchObject({ missing: {}, failures: [], rows: { representative: 2 } });
    expect(report.verification.layerCosts[0].layer).toBe('y');
  });

  it('writes nothing where a conversion is not verified', async () => {
    // TensorFlow.js has no Normalization, and the library is none: that leaves WebAssembly alone.
    const { modelTopology, weightsManifest } = JSON.parse(readFileSync(layers, 'utf8'));
    modelTopology.config.layers.push({ class_name: 'Normalization', config: { name: 'n', mean: 0, variance: 1 } });
    const source = join(folder, 'normalised.json');
    writeFileSync(source, JSON.stringify({ modelTopology, weightsManifest }));
    const out = join(folder, 'unverified.tflite');
    const env = { EDGEGUARD_TFLITE_LIBRARY: join(folder, 'none.so') };
    const ended = await edgeguard(['tflite', 'convert', source, '-o', out, '--verify'], { env });
    expect(complaint(ended)).toMatch(/normalised\.json: the conversion is not verified: only 1 of the others/);
    expect(existsSync(out)).toBe(false);
    expect(await output('convert', source, '-o', out, '--verify', '--json')).toMatch(/Unknown layer: Normalization/);
  });

  it('takes rows from an Arrow file', async () => {
    const file = join(folder, 'rows.arrow');
    const columns = ['a', 'b', 'c'].map((name) => ({
      name,
      role: 'feature',
      type: 'float32',
      kind: 'count',
      unit: '1',
    }));
    const writer = new DatasetWriter(file, { name: 'test', version: 1, columns: columns as Column[] });
    const [a, b] = [Float32Array.of(1, 1), Float32Array.of(0, 1)];
    await writer.write({ length: 2, columns: { a, b, c: b } });
    await writer.close();
    expect(await output('run', model, file, '--engine', 'reference')).toBe('y.0,y.1\n1.5,3.5\n6.5,14.5\n');
    writeFileSync(file, readFileSync(file).subarray(0, 300));
    expect(complaint(await edgeguard(['tflite', 'run', model, file]))).toMatch(/rows\.arrow: .*cut off/);
  });

  it('gives every result as one JSON document', async () => {
    expect(JSON.parse(await output('validate', model, '--json'))).toMatchObject({ valid: true, operators: 1 });
    expect(JSON.parse(await output('run', model, rows, '--engine', 'reference', '--json'))).toEqual({
      rows: 2,
      outputs: {
        y: [
          [1.5, 3.5],
          [6.5, 14.5],
        ],
      },
    });
    const { differences } = JSON.parse(await output('run', model, rows, '--compare', '--json'));
    expect(differences.map(({ engine, largest }: { engine: string; largest: number }) => [engine, largest])).toEqual([
      ['native', 0],
      ['wasm', 0],
    ]);
  });

  it('refuses options that have no meaning together', async () => {
    const out = join(folder, 'none.tflite');
    expect((await edgeguard(['tflite', 'convert', layers])).code).toBe(2);
    for (const options of [
      ['--precision', 'int8'],
      ['--ranges', 'mse'],
      ['--representative', rows],
    ]) {
      expect((await edgeguard(['tflite', 'convert', layers, '-o', out, ...options])).code).toBe(2);
    }
  });

  it('refuses rows that do not fit, and rows that are none, naming the line', async () => {
    writeFileSync(join(folder, 'wide.csv'), '1,2,3,4\n');
    expect(complaint(await edgeguard(['tflite', 'run', model, join(folder, 'wide.csv')]))).toMatch(
      /it takes 3 values a row, and the rows have 4/,
    );
    writeFileSync(join(folder, 'torn.csv'), '1,2,3\n1,x,3\n');
    expect(complaint(await edgeguard(['tflite', 'run', model, join(folder, 'torn.csv')]))).toMatch(
      /torn\.csv: line 2: not a row of numbers/,
    );
    expect(complaint(await edgeguard(['tflite', 'run', model, '-']))).toMatch(/standard input: there are no rows/);
  });

  it('takes the columns of several inputs, and refuses rows of another width', async () => {
    const inputs = ['a', 'b'].map((name, i) => ({
      class_name: 'InputLayer',
      name,
      config: { name, batch_input_shape: [null, i + 1] },
      inbound_nodes: [],
    }));
    const join1 = {
      class_name: 'Concatenate',
      name: 'c',
      config: {},
      inbound_nodes: [
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
      ],
    };
    const [ab, c] = [
      [
        ['a', 0, 0],
        ['b', 0, 0],
      ],
      [['c', 0, 0]],
    ];
    const config = { name: 'm', layers: [...inputs, join1], input_layers: ab, output_layers: c };
    const source = join(folder, 'two-inputs.json');
    writeFileSync(source, JSON.stringify({ modelTopology: { class_name: 'Functional', config }, weightsManifest: [] }));
    const out = join(folder, 'two-inputs.tflite');
    const given = join(folder, 'two-inputs.csv');
    writeFileSync(given, '1,20,-20\n-1,10,30\n');
    const options = ['--precision', 'int8', '--representative', given, '--verify', '--json'];
    const report = JSON.parse(await output('convert', source, out, ...options));
    expect(report.int8.ranges).toMatchObject({ a: { min: -1, max: 1 }, b: { min: -20, max: 30 } });
    for (const width of [1, 2, 4, 6]) {
      writeFileSync(given, `${Array.from({ length: width }, () => 1).join(',')}\n`);
      expect(complaint(await edgeguard(['tflite', 'convert', source, out, ...options]))).toMatch(
        new RegExp(`two-inputs\\.csv: it has ${width} columns?, and the model takes 3 \\(a 1, b 2\\)`),
      );
    }
    // Six columns are not two rows of three.
    writeFileSync(given, '1,2,3,4,5,6\n');
    expect(complaint(await edgeguard(['tflite', 'convert', layers, out, ...options]))).toMatch(/it has 6 columns/);
  });

  it('refuses to keep a layer in float that is none', async () => {
    const options = ['--precision', 'int8', '--representative', rows, '--keep-float', 'z'];
    expect(complaint(await edgeguard(['tflite', 'convert', layers, join(folder, 'z.tflite'), ...options]))).toMatch(
      /layer z: computes nothing that could stay float .*: y;/,
    );
  });

  it('passes on nothing that a terminal would obey', async () => {
    const source = join(folder, 'terminal.json');
    const layer = { class_name: 'Foo\n\u001b[31m', config: { name: 'a\u009b', batch_input_shape: [null, 1] } };
    const modelTopology = { class_name: 'Sequential', config: [layer] };
    writeFileSync(source, JSON.stringify({ modelTopology, weightsManifest: [] }));
    const message = complaint(await edgeguard(['tflite', 'convert', source, join(folder, 'terminal.tflite')]));
    expect(message).toContain('a? (Foo ?[31m)');
  });

  it('refuses a LayersModel that is none', async () => {
    const out = join(folder, 'none.tflite');
    expect(complaint(await edgeguard(['tflite', 'convert', rows, '-o', out]))).toMatch(/rows\.csv/);
  });
});
