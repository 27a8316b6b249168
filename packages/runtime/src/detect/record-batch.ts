import { FlowBatch, type FlowRecord } from '@edgeguard/metering';

/** Records that wait to be scored together, and the counters by direction that alerts show. */
export class RecordBatch {
  readonly records: FlowBatch;
  readonly forwardPackets: Float64Array;
  readonly backwardPackets: Float64Array;
  /** Bytes of frames as on the wire, as Suricata counts them. */
  readonly forwardBytes: Float64Array;
  readonly backwardBytes: Float64Array;

  constructor(capacity: number) {
    this.records = new FlowBatch(capacity);
    this.forwardPackets = new Float64Array(capacity);
    this.backwardPackets = new Float64Array(capacity);
    this.forwardBytes = new Float64Array(capacity);
    this.backwardBytes = new Float64Array(capacity);
  }

  /** Copies a record into the next row of a batch that is not full. */
  add(record: FlowRecord): void {
    const row = this.records.length;
    this.forwardPackets[row] = record.forwardPackets;
    this.backwardPackets[row] = record.backwardPackets;
    this.forwardBytes[row] = record.forwardFrameBytes;
    this.backwardBytes[row] = record.backwardFrameBytes;
    this.records.add(record);
  }

  /** Raw features of a row. */
  features(row: number): Float32Array {
    const { features, width } = this.records;
    return features.subarray(row * width, (row + 1) * width);
  }
}
