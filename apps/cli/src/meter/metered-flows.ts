import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { ArpBatcher, FlowBatcher, flowBatchColumns, FlowMeter, type MeteringOptions } from '@edgeguard/metering';
import type { RowWriter } from '../flow-output/row-writer.ts';

const BATCH_ROWS = 4096;

/** Meters one stream of packets and hands its flows to a writer. Records of flows that go on are left out. */
export class MeteredFlows {
  readonly meter: FlowMeter;
  /** Name of the capture that is being read, for the rows. */
  capture = '';
  readonly #writer: RowWriter | undefined;
  readonly #batcher: FlowBatcher;
  /** Flows that ended since the last drain: at most those of a chunk of packets and of a full table. */
  #waiting: ColumnBatch[] = [];
  readonly #arpWriter: RowWriter | undefined;
  readonly #arpBatcher: ArpBatcher;
  #arpWaiting: ColumnBatch[] = [];

  /**
   * @param writer    absent where flows are only counted
   * @param arpWriter absent where ARP messages are only counted as skipped
   */
  constructor(options: Partial<MeteringOptions>, writer: RowWriter | undefined, arpWriter?: RowWriter) {
    this.#writer = writer;
    this.#arpWriter = arpWriter;
    this.#arpBatcher = new ArpBatcher(BATCH_ROWS, ({ length, columns }) => {
      this.#arpWaiting.push({ length, columns: { capture: this.#captureColumn(length), ...columns } });
    });
    this.#batcher = new FlowBatcher(BATCH_ROWS, (batch) => {
      const { length, columns } = flowBatchColumns(batch);
      this.#waiting.push({ length, columns: { capture: this.#captureColumn(length), ...columns } });
    });
    this.meter = new FlowMeter(
      options,
      {
        record: (record) => {
          if (record.isFinal && writer !== undefined) this.#batcher.record(record);
        },
      },
      arpWriter === undefined ? undefined : this.#arpBatcher,
    );
  }

  /** Writes the flows that have ended so far. Resolves when the output has taken them. */
  async drain(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const batch of waiting) await this.#writer?.write(batch);
    const messages = this.#arpWaiting;
    this.#arpWaiting = [];
    for (const batch of messages) await this.#arpWriter?.write(batch);
  }

  /** The packets have ended, and with them all flows. */
  async finish(): Promise<void> {
    this.meter.finish();
    this.#batcher.flush();
    this.#arpBatcher.flush();
    await this.drain();
  }

  #captureColumn(length: number): string[] {
    return Array.from<string>({ length }).fill(this.capture);
  }
}
