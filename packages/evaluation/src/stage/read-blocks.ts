import { LABELS, type TransformDocument, UserError } from '@edgeguard/contracts';
import { contextColumns, type ContextColumns, type DatasetBatch, DatasetReader } from '@edgeguard/contracts/arrow';
import { markFiniteRows, RowEncoder } from '@edgeguard/transform';
import { labelCode } from '../metrics/labelled-rows.ts';
import type { AttackNames } from './attack-names.ts';

/** The finite rows of a record batch with what is known about them. Arrays are reused by the next block. */
export interface RowBlock {
  readonly count: number;
  /** Rows left out because they hold NaN or infinity. */
  readonly notFinite: number;
  /** Raw rows [count, F], as the detector takes them. */
  readonly rows: Float32Array;
  /** Place of each row in the dataset. */
  readonly place: Uint32Array;
  /** Index into {@link LABELS}. */
  readonly label: Uint8Array;
  /** Number of the attack's name; 0 for other rows. */
  readonly attack: Uint16Array;
  /** Nanoseconds since the Unix epoch; absent where the dataset has no time column. */
  readonly time: BigInt64Array | undefined;
  /** Number of the group or file of each row; absent where the dataset names none. */
  readonly group: Uint32Array | undefined;
  /** Names of the groups or files in this block; empty where the dataset names none. */
  readonly groupNames: ReadonlySet<string>;
  /** Whether the dataset says who talks to whom. */
  readonly hasEnds: boolean;
  /** Who acts and who is acted upon. For few rows: the names are read when they are asked for. */
  endsOf(row: number): { readonly source: string; readonly target: string };
}

/**
 * Reads a split block by block.
 *
 * @throws UserError for a dataset of another schema, or a label that is none of the four
 */
export async function* readBlocks(
  path: string,
  transform: TransformDocument,
  attackNames: AttackNames,
  signal: AbortSignal,
): AsyncGenerator<RowBlock> {
  const reader = await DatasetReader.open(path);
  try {
    const encoder = new RowEncoder(reader.schema, transform, path);
    const columns = findColumns(reader);
    const groups = new Map<string, number>();
    let rows = new Float32Array(0);
    let finite = new Uint8Array(0);
    let before = 0;
    for await (const batch of reader.batches()) {
      signal.throwIfAborted();
      if (rows.length < batch.length * encoder.width) {
        rows = new Float32Array(batch.length * encoder.width);
        finite = new Uint8Array(batch.length);
      }
      encoder.encode(batch, rows);
      const count = markFiniteRows(rows, batch.length, encoder.width, finite);
      const kept = new Uint32Array(count);
      let at = 0;
      for (let row = 0; row < batch.length; row++) if (finite[row] === 1) kept[at++] = row;
      for (let i = 0; i < count; i++) {
        const from = kept[i]! * encoder.width;
        if (kept[i] !== i) rows.copyWithin(i * encoder.width, from, from + encoder.width);
      }
      const label = labelsOf(path, batch, columns.label, kept);
      const block: RowBlock = {
        count,
        notFinite: batch.length - count,
        rows: rows.subarray(0, count * encoder.width),
        place: kept.map((row) => before + row),
        label,
        attack: attacksOf(batch, columns.attack, kept, label, attackNames),
        time: columns.time === undefined ? undefined : timesOf(batch, columns.time, kept),
        group: columns.group === undefined ? undefined : groupsOf(batch, columns.group, kept, groups),
        groupNames: new Set(columns.group === undefined ? [] : batch.strings(columns.group)),
        hasEnds: columns.ends !== undefined,
        endsOf: endsReader(batch, columns.ends, kept),
      };
      before += batch.length;
      yield block;
    }
  } finally {
    await reader.close();
  }
}

interface Columns extends ContextColumns {
  readonly label: string | undefined;
  readonly attack: string | undefined;
  readonly group: string | undefined;
}

function findColumns({ schema }: DatasetReader): Columns {
  const named = (name: string): string | undefined =>
    schema.columns.find((column) => column.role === 'label' && column.name === name && column.type === 'utf8')?.name;
  return {
    ...contextColumns(schema),
    label: named('label'),
    attack: named('attack'),
    group: schema.columns.find(({ role, type }) => role === 'split' && type === 'utf8')?.name,
  };
}

/** Without a label column nothing is known about a row. */
function labelsOf(path: string, batch: DatasetBatch, column: string | undefined, kept: Uint32Array): Uint8Array {
  const labels = new Uint8Array(kept.length);
  if (column === undefined) return labels.fill(labelCode('unknown'));
  const values = batch.strings(column);
  for (const [i, row] of kept.entries()) {
    const code = (LABELS as readonly string[]).indexOf(values[row]!);
    if (code === -1) {
      throw new UserError(path, `a row is labelled "${values[row]!}"`, `labels are ${LABELS.join(', ')}`);
    }
    labels[i] = code;
  }
  return labels;
}

function attacksOf(
  batch: DatasetBatch,
  column: string | undefined,
  kept: Uint32Array,
  label: Uint8Array,
  names: AttackNames,
): Uint16Array {
  const attacks = new Uint16Array(kept.length);
  const values = column === undefined ? undefined : batch.strings(column);
  const attack = labelCode('attack');
  for (const [i, row] of kept.entries()) if (label[i] === attack) attacks[i] = names.codeOf(values?.[row] ?? '');
  return attacks;
}

function timesOf(batch: DatasetBatch, column: string, kept: Uint32Array): BigInt64Array {
  const values = batch.bigints(column);
  return BigInt64Array.from(kept, (row) => values[row]!);
}

function groupsOf(batch: DatasetBatch, column: string, kept: Uint32Array, known: Map<string, number>): Uint32Array {
  const values = batch.strings(column);
  return Uint32Array.from(kept, (row) => {
    const value = values[row]!;
    const code = known.get(value) ?? known.size;
    known.set(value, code);
    return code;
  });
}

function endsReader(batch: DatasetBatch, ends: Columns['ends'], kept: Uint32Array): RowBlock['endsOf'] {
  let names: readonly [readonly string[], readonly string[]] | undefined;
  return (row) => {
    if (!ends) throw new Error('the dataset does not say who talks to whom');
    names ??= [batch.strings(ends[0]), batch.strings(ends[1])];
    return { source: names[0][kept[row]!]!, target: names[1][kept[row]!]! };
  };
}
