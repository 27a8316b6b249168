// @ts-check
/**
 * The second half of `check_with_keras.py`: converts each LayersModel of a folder in every precision and compares every
 * engine with the outputs that Keras left beside it, `output0.bin`, ... for `input0.bin`, ..., raw float32.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runModel } from '../dist/inspect/index.js';
import { convertLayersModel, readLayersModel } from '../dist/layers/index.js';
import { readModel, writeModel } from '../dist/model/index.js';

const ENGINES = /** @type {const} */ (['reference', 'native', 'wasm']);
/** Of an output's largest magnitude: rounding, the 10 bits that float16 has, and the steps of int8 that layers enlarge. */
const TOLERANCE = /** @type {const} */ ({ float32: 1e-5, float16: 5e-3, dynamic: 5e-2, int8: 0.15 });

/** @type {Record<string, number>} */
const worst = {};
/** @type {string[]} */
const wrong = [];
const folder = process.argv[2] ?? '.';
for (const name of readdirSync(folder)) {
  for (const precision of /** @type {(keyof typeof TOLERANCE)[]} */ (Object.keys(TOLERANCE))) {
    try {
      const error = await largestError(path.join(folder, name), precision);
      worst[precision] = Math.max(worst[precision] ?? 0, error);
      if (!(error <= TOLERANCE[precision])) wrong.push(`${name}, ${precision}: differs by ${error.toExponential(1)}`);
    } catch (error) {
      wrong.push(`${name}, ${precision}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
for (const [precision, error] of Object.entries(worst)) {
  process.stdout.write(`${precision}: largest error ${error.toExponential(1)}\n`);
}
for (const line of wrong) process.stdout.write(`${line}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/**
 * The largest error of any engine, relative to the largest magnitude of the output.
 *
 * @param {string} model
 * @param {keyof typeof TOLERANCE} precision
 */
async function largestError(model, precision) {
  const source = await readLayersModel(model);
  const given = arrays(model, 'input');
  const inputs = source.inputs.map(({ dtype }, i) => (dtype === 'int32' ? Int32Array.from(given[i]) : given[i]));
  const rows = given[0].length / source.inputs[0].shape.reduce((product, size) => product * size, 1);
  const options = precision === 'int8' ? { precision, representative: inputs } : { precision };
  const converted = readModel(writeModel(convertLayersModel(source, options)));
  const expected = arrays(model, 'output');
  let largest = 0;
  for (const engine of ENGINES) {
    const outputs = await runModel(converted, inputs, rows, { engine });
    if (outputs.length !== expected.length) throw new Error(`has ${outputs.length} outputs, Keras ${expected.length}`);
    expected.forEach((values, i) => {
      if (values.length !== outputs[i].length) throw new Error(`output ${i} is of another size`);
      const magnitude = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
      values.forEach((value, k) => {
        const error = Math.abs(value - outputs[i][k]) / magnitude;
        largest = Number.isNaN(error) ? Infinity : Math.max(largest, error);
      });
    });
  }
  return largest;
}

/**
 * @param {string} model
 * @param {string} kind
 * @returns {Float32Array[]}
 */
function arrays(model, kind) {
  const result = [];
  for (let i = 0; existsSync(path.join(model, `${kind}${i}.bin`)); i++) {
    const bytes = readFileSync(path.join(model, `${kind}${i}.bin`));
    result.push(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)));
  }
  return result;
}
