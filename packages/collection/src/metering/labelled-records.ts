import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { AGE_CLASSES, FlowBatch, flowBatchColumns, type FlowRecord, type FlowSink } from '@edgeguard/metering';
import type { FlowLabel } from '@edgeguard/sources';
import type { Labeller } from '../labels/labeller.ts';

const ROWS_PER_BATCH = 4096;
const ACTIVE = AGE_CLASSES.indexOf('active') + 1;

/**
 * Takes the records of one capture, with their labels, as rows of `flows.arrow`. Of a flow that outlives several
 * active timeouts only the first record of that age is kept: training sees one record per flow and age class.
 */
export class LabelledRecords implements FlowSink {
  /** Records that were left out since their flow had one of that age already. */
  repeated = 0;
  readonly #labelOf: Labeller;
  #capture: string;
  readonly #batch = new FlowBatch(ROWS_PER_BATCH);
  #labels: FlowLabel[] = [];
  /** Flows of which an `active` record was kept and that go on: at most as many as the flow table holds. */
  readonly #long = new Set<number>();
  #ready: ColumnBatch[] = [];

  constructor(capture: string, labelOf: Labeller) {
    this.#capture = capture;
    this.#labelOf = labelOf;
  }

  record(record: FlowRecord): void {
    if (record.ageClass === ACTIVE) {
      if (this.#long.has(record.flowId)) {
        this.repeated++;
        return;
      }
      this.#long.add(record.flowId);
    } else if (record.isFinal) {
      this.#long.delete(record.flowId);
    }
    this.#labels.push(this.#labelOf(record));
    this.#batch.add(record);
    if (this.#batch.full) this.#pack();
  }

  /** Name of the capture that the records from now on are emitted in. */
  set capture(name: string) {
    if (this.#batch.length > 0) this.#pack();
    this.#capture = name;
  }

  /** Hands over the rows so far. To be called often: rows wait in memory until then. */
  take(): ColumnBatch[] {
    if (this.#batch.length > 0) this.#pack();
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #pack(): void {
    const { length, columns } = flowBatchColumns(this.#batch);
    this.#ready.push({
      length,
      columns: {
        ...columns,
        capture: Array.from<string>({ length }).fill(this.#capture),
        label: this.#labels.map(({ label }) => label),
        attack: this.#labels.map(({ attack }) => attack),
      },
    });
    this.#batch.clear();
    this.#labels = [];
  }
}
