// @ts-check
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { UserError } from '@edgeguard/contracts/problems';
import { SeededRandom } from '@edgeguard/transform';

/** @typedef {import('@edgeguard/contracts').Column | import('@edgeguard/contracts').FeatureColumn} Column */

/**
 * One column of a sample. Numbers are float64, with NaN where the value is missing; timestamps are milliseconds since the Unix
 * epoch; categories that the schema names are text.
 *
 * @typedef {{ column: Column, numbers: Float64Array }} NumberColumn
 * @typedef {{ column: Column, texts: string[] }} TextColumn
 * @typedef {NumberColumn | TextColumn} SampleColumn
 */

/**
 * Rows of an Arrow artifact, in file order.
 *
 * @typedef {object} Sample
 * @property {string} path
 * @property {number} fileRows rows of the whole file
 * @property {number} rows rows of the sample
 * @property {SampleColumn[]} columns
 */

/**
 * An even sample of an Arrow artifact: Algorithm R (Vitter 1985) in one pass, so that memory holds the sample and one batch.
 * The same file gives the same sample.
 *
 * @param {string} path
 * @param {number} most rows kept
 * @returns {Promise<Sample>}
 * @throws {UserError} when the file is missing, damaged, foreign, or has no rows
 */
export async function sampleOf(path, most) {
  const reader = await DatasetReader.open(path);
  try {
    const kept = reader.schema.columns.map((column) => roomFor(column, most));
    const rowOf = new Float64Array(most);
    const random = new SeededRandom(1);
    let fileRows = 0;
    for await (const batch of reader.batches()) {
      const chosen = choose(batch.length, fileRows, most, random);
      for (const { place, row } of chosen) rowOf[place] = fileRows + row;
      for (const column of kept) keep(column, batch, chosen);
      fileRows += batch.length;
    }
    if (fileRows === 0) throw new UserError(path, 'it has no rows', 'name a file with rows');
    const rows = Math.min(fileRows, most);
    const order = Array.from({ length: rows }, (_, place) => place).sort((a, b) => rowOf[a] - rowOf[b]);
    return { path, fileRows, rows, columns: kept.map((column) => inOrder(column, order)) };
  } finally {
    await reader.close();
  }
}

/**
 * Which rows of a batch are kept, and in which place; later ones overwrite earlier ones.
 *
 * @param {number} length
 * @param {number} before rows of earlier batches
 * @param {number} most
 * @param {SeededRandom} random
 */
function choose(length, before, most, random) {
  const chosen = [];
  for (let row = 0; row < length; row++) {
    const place = before + row < most ? before + row : random.below(before + row + 1);
    if (place < most) chosen.push({ place, row });
  }
  return chosen;
}

/**
 * @param {Column} column
 * @param {number} most
 * @returns {SampleColumn}
 */
function roomFor(column, most) {
  if (column.type === 'utf8' || namesOf(column)) return { column, texts: Array.from({ length: most }, () => '') };
  return { column, numbers: new Float64Array(most) };
}

/**
 * @param {SampleColumn} target
 * @param {import('@edgeguard/contracts/arrow').DatasetBatch} batch
 * @param {readonly { place: number, row: number }[]} chosen
 */
function keep(target, batch, chosen) {
  const { column } = target;
  if ('texts' in target) {
    const names = namesOf(column);
    const values = names ? batch.numbers(column.name) : batch.strings(column.name);
    for (const { place, row } of chosen) {
      const value = values[row];
      target.texts[place] = typeof value === 'string' ? value : (names?.[value - 1] ?? 'unknown');
    }
  } else if (column.type === 'int64' || column.type === 'timestamp') {
    const values = batch.bigints(column.name);
    const scale = column.type === 'timestamp' ? 1e-6 : 1;
    for (const { place, row } of chosen) target.numbers[place] = Number(values[row]) * scale;
  } else {
    const values = batch.numbers(column.name);
    for (const { place, row } of chosen)
      target.numbers[place] = Number.isFinite(values[row]) ? values[row] : Number.NaN;
  }
}

/**
 * Names of the codes of a category, where the schema has them.
 *
 * @param {Column} column
 */
function namesOf(column) {
  return 'categories' in column && column.type === 'float32' ? column.categories : undefined;
}

/**
 * @param {SampleColumn} kept
 * @param {readonly number[]} order
 * @returns {SampleColumn}
 */
function inOrder(kept, order) {
  const { column } = kept;
  if ('texts' in kept) return { column, texts: order.map((place) => kept.texts[place]) };
  return { column, numbers: Float64Array.from(order, (place) => kept.numbers[place]) };
}
