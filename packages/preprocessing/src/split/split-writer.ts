import { LABELS, SPLIT_PURPOSES, type SplitPurpose } from '@edgeguard/contracts';
import { type ColumnBatch, type ColumnValues, type DatasetReader, DatasetWriter } from '@edgeguard/contracts/arrow';
import { type LabelledRows, NORMAL } from '../rows/labelled-rows.ts';
import { OUTCOME, OUTCOMES, type SplitPlan } from './split-plan.ts';

/** Schema metadata that the writer sets itself. */
const OWN_METADATA: ReadonlySet<string> = new Set(['edgeguard.schema', 'edgeguard.schemaVersion']);

/** How many rows of each kind a split got. */
export type SplitRows = Readonly<Record<SplitPurpose, number>>;

/** Writes the four splits: all columns, raw values, in file order. */
export class SplitWriter {
  readonly dropped = new Map<string, number>();
  readonly #plan: SplitPlan;
  readonly #reader: DatasetReader;
  readonly #writers: Readonly<Record<SplitPurpose, DatasetWriter>>;

  constructor(reader: DatasetReader, plan: SplitPlan, pathOf: (split: SplitPurpose) => string) {
    this.#reader = reader;
    this.#plan = plan;
    const metadata = Object.fromEntries([...reader.metadata].filter(([key]) => !OWN_METADATA.has(key)));
    const writer = (split: SplitPurpose): DatasetWriter => new DatasetWriter(pathOf(split), reader.schema, metadata);
    this.#writers = {
      train: writer('train'),
      validation: writer('validation'),
      calibration: writer('calibration'),
      test: writer('test'),
    };
  }

  /** Rows written so far. */
  get rows(): SplitRows {
    const { train, validation, calibration, test } = this.#writers;
    return { train: train.rows, validation: validation.rows, calibration: calibration.rows, test: test.rows };
  }

  /** Sends each row to its split, or counts why not. */
  async write(rows: LabelledRows): Promise<void> {
    const outcomes = new Uint8Array(rows.length);
    this.#plan.assign(rows, outcomes);
    const indices = SPLIT_PURPOSES.map(() => new Uint32Array(rows.length));
    const counts = SPLIT_PURPOSES.map(() => 0);
    for (let row = 0; row < rows.length; row++) {
      const outcome = outcomes[row]!;
      const reason = this.#reasonAgainst(outcome, rows.labels[row]!, rows.finite[row] === 1);
      if (reason === undefined) indices[outcome]![counts[outcome]!++] = row;
      else this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
    }
    const columns = this.#read(rows);
    for (const [index, split] of SPLIT_PURPOSES.entries()) {
      const chosen = indices[index]!.subarray(0, counts[index]);
      if (chosen.length > 0) await this.#writers[split].write(gather(columns, chosen));
    }
  }

  async close(): Promise<void> {
    for (const split of SPLIT_PURPOSES) await this.#writers[split].close();
  }

  async abort(): Promise<void> {
    for (const split of SPLIT_PURPOSES) await this.#writers[split].abort();
  }

  #reasonAgainst(outcome: number, label: number, finite: boolean): string | undefined {
    if (!finite) return 'non-finite';
    if (outcome > OUTCOME.test) return OUTCOMES[outcome];
    if (outcome === OUTCOME.test || label === NORMAL) return undefined;
    return `${LABELS[label]} rows in ${OUTCOMES[outcome]} ${this.#plan.part}`;
  }

  #read({ batch }: LabelledRows): [name: string, values: ColumnValues][] {
    return this.#reader.schema.columns.map(({ name, type }) => {
      if (type === 'utf8') return [name, batch.strings(name)];
      return [name, type === 'int64' || type === 'timestamp' ? batch.bigints(name) : batch.numbers(name)];
    });
  }
}

function gather(columns: readonly [name: string, values: ColumnValues][], rows: Uint32Array): ColumnBatch {
  const gathered = columns.map(([name, values]): [string, ColumnValues] => [name, gatherValues(values, rows)]);
  return { length: rows.length, columns: Object.fromEntries(gathered) };
}

function gatherValues(values: ColumnValues, rows: Uint32Array): ColumnValues {
  if (Array.isArray(values)) return Array.from(rows, (row) => (values as readonly string[])[row]!);
  // All kinds of numeric columns are gathered alike.
  const from = values as Float64Array;
  const gathered = new (from.constructor as new (length: number) => Float64Array)(rows.length);
  for (let i = 0; i < rows.length; i++) gathered[i] = from[rows[i]!]!;
  return gathered;
}
