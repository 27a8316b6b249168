import { ReferenceEngine } from '../engines/reference/reference.ts';
import { TfliteError } from '../error.ts';
import type { EngineData } from '../model/tensor-types.ts';
import { isConstant } from '../model/constants.ts';
import type { Model } from '../model/types.ts';
import { RangeCollector, type ChosenRange, type RangeMethod } from './range.ts';

/** Rows that are run at once while calibrating. */
const BATCH = 32;

/** The range of every computed float tensor of a model, by the name of the tensor. */
export type TensorRanges = ReadonlyMap<string, ChosenRange>;

/**
 * Runs a float model over representative rows in the reference engine and chooses the range of every computed tensor.
 *
 * @param inputs one array for each input, all with the same number of rows.
 */
export function calibrateModel(
  model: Model,
  inputs: readonly EngineData[],
  method: RangeMethod = { kind: 'min-max' },
): TensorRanges {
  const engine = new ReferenceEngine(model);
  const widths = engine.inputs.map((info) => info.length / engine.batch);
  const rows = inputs.length === 0 ? 0 : inputs[0].length / widths[0];
  const fits = inputs.length === widths.length && inputs.every((input, i) => input.length === rows * widths[i]);
  if (!fits || rows < 1 || !Number.isInteger(rows)) {
    throw new TfliteError(
      'calibration rows',
      `do not fit the inputs of the model (${engine.inputs.map((info) => info.name).join(', ')})`,
    );
  }
  const [{ tensors }] = model.subgraphs;
  const collectors = new Map<string, RangeCollector>();
  for (const tensor of tensors) {
    if (tensor.type === 'float32' && !isConstant(model, tensor)) collectors.set(tensor.name, new RangeCollector());
  }
  const batch = Math.min(BATCH, rows);
  engine.resize(batch);
  for (let start = 0; start < rows; start += batch) {
    // The last batch is filled up with rows before it, of which nothing is collected twice.
    const from = Math.min(start, rows - batch);
    const fresh = (start - from) / batch;
    engine.compute(inputs.map((input, i) => input.subarray(from * widths[i], (from + batch) * widths[i])));
    for (const [name, collector] of collectors) {
      const values = engine.tensor(name);
      if (values !== undefined) collector.add(values, Math.round(values.length * fresh), values.length);
    }
  }
  engine.dispose();
  return new Map([...collectors].map(([name, collector]) => [name, collector.choose(method)]));
}
