import { formatJson, UserError } from '@edgeguard/contracts';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import { compareEngines, runModel } from '@edgeguard/tflite/inspect';
import { describeModel } from '@edgeguard/tflite/inspect';
import type { Model } from '@edgeguard/tflite/model';
import type { RunModelOptions } from '../commands/tflite.ts';
import { quoted } from '../flow-output/csv-writer.ts';
import { float32Text } from '../flow-output/number-text.ts';
import { textTable } from '../inspect/text-table.ts';
import { namingFile, readModelFile } from './model-file.ts';
import { readRows, type Rows } from './read-rows.ts';

/** `edgeguard tflite run`. */
export async function runRows(path: string, rowsPath: string, options: RunModelOptions): Promise<void> {
  const model = await readModelFile(path);
  const rows = await readRows(rowsPath);
  assertFits(path, model, rows);
  const text = await namingFile(path, () =>
    options.compare ? comparison(model, rows, options.json) : outputs(model, rows, options),
  );
  await openLineOutput(STANDARD_OUTPUT).write(text);
}

function assertFits(path: string, model: Model, { width }: Rows): void {
  const { inputs } = describeModel(model);
  const [input] = inputs;
  if (inputs.length !== 1 || input!.type !== 'float32') {
    throw new UserError(path, 'it does not have one float32 input', 'use a model that has');
  }
  const wanted = input!.shape.slice(1).reduce((product, size) => product * size, 1);
  if (width !== wanted) {
    throw new UserError(path, `it takes ${wanted} values a row, and the rows have ${width}`, 'give other rows');
  }
}

/** JSON: one array for each output, with one number or array of numbers a row. CSV: one column for each value of each output, named `output` or `output.0`, `output.1`, … */
async function outputs(model: Model, rows: Rows, { engine, json }: RunModelOptions): Promise<string> {
  const results = await runModel(model, [rows.values], rows.count, { engine });
  const names = describeModel(model).outputs.map(({ name }) => name);
  const widths = results.map((values) => values.length / rows.count);
  const rowOf = (o: number, row: number): number[] =>
    Array.from(results[o]!.subarray(row * widths[o]!, (row + 1) * widths[o]!));
  if (json) {
    const valuesOf = (o: number): unknown[] =>
      Array.from({ length: rows.count }, (_, row) => (widths[o] === 1 ? rowOf(o, row)[0] : rowOf(o, row)));
    return formatJson({ rows: rows.count, outputs: Object.fromEntries(names.map((name, o) => [name, valuesOf(o)])) });
  }
  const header = names.flatMap((name, o) =>
    widths[o] === 1 ? [name] : Array.from({ length: widths[o]! }, (_, i) => `${name}.${i}`),
  );
  const lines = Array.from({ length: rows.count }, (_, row) =>
    results.flatMap((_, o) => rowOf(o, row).map(float32Text)).join(','),
  );
  return `${[header.map(quoted).join(','), ...lines].join('\n')}\n`;
}

async function comparison(model: Model, rows: Rows, json: true | undefined): Promise<string> {
  const { differences, missing } = await compareEngines(model, [rows.values], rows.count);
  if (json) return formatJson({ rows: rows.count, differences, missing });
  const lines = differences.map(({ engine, output, largest, relative, share }) => [
    engine,
    output,
    largest.toExponential(2),
    relative.toExponential(2),
    `${Number((100 * share).toPrecision(3))} %`,
  ]);
  const absent = Object.entries(missing).map(([engine, why]) => `${engine}: ${why}\n`);
  return `${textTable(['engine', 'output', 'largest difference', 'relative', 'values that differ'], lines)}\n${absent.join('')}`;
}
