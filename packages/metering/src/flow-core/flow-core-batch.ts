import type { ColumnBatch, ColumnValues } from '@edgeguard/contracts/arrow';
import { formatAddress } from '../records/address.ts';
import { CORE_FEATURE_COLUMNS } from './core-features.ts';
import type { CoreFlowRecord } from './core-flow.ts';
import type { FlowCoreRecord } from './flow-core-record.ts';

const BILLION = 1_000_000_000n;

/** Some rows of `flow-core`: features row by row, as detectors read them, and the flows. */
export class FlowCoreBatch {
  readonly capacity: number;
  /** Features per row. */
  readonly width = CORE_FEATURE_COLUMNS.length;
  /** Row-major, `capacity` x `width`. */
  readonly features: Float32Array;
  /** 1 while the windows are still filling. */
  readonly coldStart: Uint8Array;
  /** Instant of the row: seconds since the epoch, and nanoseconds. */
  readonly timeSeconds: Float64Array;
  readonly timeNanoseconds: Uint32Array;
  readonly #flows: CoreFlowRecord[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
    this.features = new Float32Array(capacity * this.width);
    this.coldStart = new Uint8Array(capacity);
    this.timeSeconds = new Float64Array(capacity);
    this.timeNanoseconds = new Uint32Array(capacity);
  }

  /** Rows filled. */
  get length(): number {
    return this.#flows.length;
  }

  get full(): boolean {
    return this.#flows.length === this.capacity;
  }

  /** Copies a record into the next row of a batch that is not full. */
  add(record: FlowCoreRecord): void {
    const row = this.#flows.length;
    this.features.set(record.features, row * this.width);
    this.coldStart[row] = record.coldStart ? 1 : 0;
    this.timeSeconds[row] = record.timeSeconds;
    this.timeNanoseconds[row] = record.timeNanoseconds;
    this.#flows.push(record.flow);
  }

  flow(row: number): CoreFlowRecord {
    return this.#flows[row];
  }

  /** Instant of a row in nanoseconds since the epoch. */
  time(row: number): bigint {
    return BigInt(this.timeSeconds[row]) * BILLION + BigInt(this.timeNanoseconds[row]);
  }

  /** Instant of the first packet of a row's flow in nanoseconds since the epoch. */
  start(row: number): bigint {
    const { startSeconds, startNanoseconds } = this.#flows[row];
    return BigInt(startSeconds) * BILLION + BigInt(startNanoseconds);
  }

  sourceAddress(row: number): string {
    return formatAddress(this.#flows[row].addressWords, 0);
  }

  destinationAddress(row: number): string {
    return formatAddress(this.#flows[row].addressWords, 4);
  }

  clear(): void {
    this.#flows.length = 0;
  }
}

/** The rows of a batch column by column, as `flowCoreSchema()` names and types them. The columns are copies. */
export function flowCoreColumns(batch: FlowCoreBatch): ColumnBatch {
  const { length, width } = batch;
  const flows = Array.from({ length }, (_, row) => batch.flow(row));
  const columns: Record<string, ColumnValues> = {
    sensor: flows.map(({ sensor }) => sensor),
    uid: flows.map(({ sensorId }) => sensorId),
    src_ip: flows.map((_, row) => batch.sourceAddress(row)),
    dst_ip: flows.map((_, row) => batch.destinationAddress(row)),
    src_port: Uint16Array.from(flows, ({ sourcePort }) => sourcePort),
    dst_port: Uint16Array.from(flows, ({ destinationPort }) => destinationPort),
    protocol: Uint8Array.from(flows, ({ protocol }) => protocol),
    service: flows.map(({ service }) => service),
    time: BigInt64Array.from(flows, (_, row) => batch.time(row)),
    start: BigInt64Array.from(flows, (_, row) => batch.start(row)),
    cold_start: batch.coldStart.slice(0, length),
  };
  CORE_FEATURE_COLUMNS.forEach((feature, k) => {
    const column = new Float32Array(length);
    for (let row = 0; row < length; row++) column[row] = batch.features[row * width + k];
    columns[feature.name] = column;
  });
  return { length, columns };
}
