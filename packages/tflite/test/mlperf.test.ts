import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NativeEngine, ReferenceEngine } from '../src/engines/index.ts';
import { Interpreter } from '../src/engines/interpreter.ts';
import { loadNativeLibrary } from '../src/engines/native-library.ts';
import { readModel, writeModel, type EngineData } from '../src/model/index.ts';
import { MODELS, MODELS_MISSING } from './support/data.ts';
import { ENGINES, outputArrays, randomInputs, relativeError, runOnce, stepError } from './support/engines.ts';

const files = MODELS_MISSING === '' ? readdirSync(MODELS).filter((name) => name.endsWith('.tflite')) : [];

/** The output that the native library gives for one row and a file's bytes as they are, with XNNPACK. */
function runBytes(bytes: Uint8Array, inputs: readonly EngineData[]): Buffer {
  const interpreter = Interpreter.create(loadNativeLibrary(), bytes, { threads: 1, delegation: 'all' });
  if (interpreter === undefined || !interpreter.allocate()) throw new Error('the library does not take the file');
  inputs.forEach((input, i) => {
    new Uint8Array(interpreter.input(i)!).set(new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
  });
  expect(interpreter.invoke()).toBe(true);
  const output = Buffer.from(new Uint8Array(interpreter.output(0)!).slice());
  interpreter.delete();
  return output;
}

describe.skipIf(MODELS_MISSING !== '')(`models of MLPerf Tiny${MODELS_MISSING}`, () => {
  it.each(files)('%s round-trips, and every engine gives identical outputs for the copy', async (name) => {
    const original = readFileSync(path.join(MODELS, name));
    const model = readModel(original, { place: name });
    const bytes = writeModel(model);
    const copy = readModel(bytes);
    expect({ ...copy, buffers: [] }).toEqual({ ...model, buffers: [] });
    expect(copy.buffers.every((buffer, i) => Buffer.compare(buffer, model.buffers[i]) === 0)).toBe(true);
    expect(Buffer.compare(writeModel(copy), bytes)).toBe(0);
    // The library with the very bytes of the file, without this package's reader and writer in between.
    const seen = new Set<string>();
    for (let seed = 0; seed < 8; seed++) {
      const inputs = randomInputs(model, 1, seed, 4);
      const wanted = runBytes(original, inputs).toString('hex');
      seen.add(wanted);
      expect(runBytes(bytes, inputs).toString('hex')).toBe(wanted);
      const [{ buffer, byteOffset, byteLength }] = await runOnce(copy, 'native', inputs, 1);
      expect(Buffer.from(buffer, byteOffset, byteLength).toString('hex')).toBe(wanted);
    }
    expect(seen.size).toBeGreaterThan(1);
    for (const engine of ENGINES) {
      const inputs = randomInputs(model, 8, 3, 4);
      const [[expected], [actual]] = [await runOnce(model, engine, inputs, 8), await runOnce(copy, engine, inputs, 8)];
      expect(stepError(expected, actual), `${engine}`).toEqual({ steps: 0, share: 0 });
    }
  });

  it.each(files)('%s: the reference engine agrees with native and wasm', async (name) => {
    const model = readModel(readFileSync(path.join(MODELS, name)), { place: name });
    const integer = model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]].type === 'int8';
    const inputs = randomInputs(model, 64, 5, 10);
    const [expected] = await runOnce(model, 'reference', inputs, 64);
    for (const engine of ['native', 'wasm'] as const) {
      const [actual] = await runOnce(model, engine, inputs, 64);
      const { steps, share } = stepError(expected, actual);
      const error = relativeError(expected, actual);
      const differ = integer
        ? `${(100 * share).toFixed(2)} % of the values differ, by at most ${steps}`
        : `largest error ${error.toExponential(1)} of the largest magnitude`;
      console.log(`${name}, ${engine}: ${differ}`);
      // Rescaled as XNNPACK does it, int8 must be identical.
      expect(error).toBeLessThanOrEqual(integer ? 0 : 1e-5);
    }
  });

  it('gemmlowp rounding agrees with the kernels of TensorFlow Lite itself to one step a layer', () => {
    const model = readModel(readFileSync(path.join(MODELS, 'hello_world_int8.tflite')));
    const inputs = randomInputs(model, 256, 7);
    const reference = new ReferenceEngine(model, { rounding: 'fixed' });
    const native = new NativeEngine(model, { xnnpack: 'none' });
    const [expected, actual] = [reference, native].map((engine) => {
      engine.resize(256);
      const outputs = outputArrays(engine);
      engine.run(inputs, outputs);
      engine.dispose();
      return outputs[0];
    });
    expect(stepError(expected, actual).steps).toBeLessThanOrEqual(1);
  });
});
