import type { DatasetSchema, Label } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import {
  FlowCoreBatch,
  flowCoreColumns,
  type FlowCoreRecord,
  flowCoreSchema,
  type FlowCoreSink,
} from '@edgeguard/metering';

const ROWS_PER_BATCH = 4096;

/** `flows.arrow` of flow-core: the columns of metering, the file that the flow came from, and the ground truth. */
export const CORE_FLOWS_SCHEMA: DatasetSchema = {
  ...flowCoreSchema(),
  columns: [
    ...flowCoreSchema().columns,
    { name: 'file', role: 'split', type: 'utf8' },
    { name: 'label', role: 'label', type: 'utf8' },
    { name: 'attack', role: 'label', type: 'utf8' },
  ],
};

/** Takes rows of flow-core as rows of `flows.arrow`. */
export class CoreRecords implements FlowCoreSink {
  readonly #assume: Label;
  readonly #batch = new FlowCoreBatch(ROWS_PER_BATCH);
  #ready: ColumnBatch[] = [];

  /** @param assume what a flow without a label is */
  constructor(assume: Label) {
    this.#assume = assume;
  }

  coreRecord(record: FlowCoreRecord): void {
    this.#batch.add(record);
    if (this.#batch.full) this.#pack();
  }

  /** Hands over the rows so far. To be called often: rows wait in memory until then. */
  take(): ColumnBatch[] {
    if (this.#batch.length > 0) this.#pack();
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #pack(): void {
    const { length, columns } = flowCoreColumns(this.#batch);
    const flows = Array.from({ length }, (_, row) => this.#batch.flow(row));
    this.#ready.push({
      length,
      columns: {
        ...columns,
        file: flows.map(({ origin }) => origin),
        label: flows.map(({ label }) => label ?? this.#assume),
        attack: flows.map(({ attack }) => attack),
      },
    });
    this.#batch.clear();
  }
}
