import { UserError } from '@edgeguard/contracts';
import type { LayersInput } from '@edgeguard/tflite/layers';
import type { Rows } from './read-rows.ts';

/**
 * Rows as the inputs of a model take them: the columns of its first input, then those of the second, and so on.
 *
 * @param path where the rows come from, for the error
 * @returns one array [rows, width] for each input
 * @throws UserError where there are more or fewer columns than the inputs take
 */
export function splitRows(path: string, rows: Rows, inputs: readonly LayersInput[]): (Float32Array | Int32Array)[] {
  const widths = inputs.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const wanted = widths.reduce((sum, width) => sum + width, 0);
  if (rows.width !== wanted) {
    const each = inputs.length === 1 ? '' : ` (${inputs.map(({ name }, i) => `${name} ${widths[i]}`).join(', ')})`;
    throw new UserError(path, `it has ${rows.width} columns, and the model takes ${wanted}${each}`, 'give other rows');
  }
  let start = 0;
  return inputs.map(({ dtype }, i) => {
    const width = widths[i]!;
    const values = dtype === 'int32' ? new Int32Array(rows.count * width) : new Float32Array(rows.count * width);
    for (let row = 0; row < rows.count; row++) {
      const from = row * wanted + start;
      values.set(rows.values.subarray(from, from + width), row * width);
    }
    start += width;
    return values;
  });
}
