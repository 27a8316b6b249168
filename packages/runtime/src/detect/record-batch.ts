import { AGE_CLASSES, FlowBatch, type FlowRecord } from '@edgeguard/metering';
import { flowNames } from '../alert/flow-names.ts';
import { endpointOf } from '../alert/endpoint.ts';
import type { AlertSubject } from '../alert/alert.ts';
import type { ScoreBatch } from './score-batch.ts';

/** Records that wait to be scored together, and the counters by direction that alerts show. */
export class RecordBatch implements ScoreBatch<FlowRecord> {
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

  source(row: number): string {
    return this.records.sourceAddress(row);
  }

  about(row: number): AlertSubject {
    const { records } = this;
    const protocol = records.protocol[row]!;
    const vlan = records.vlan[row]!;
    const names = flowNames({
      dns: records.dnsName[row]!,
      tlsServer: records.tlsServerName[row]!,
      ja4: records.ja4[row]!,
      source: records.sourceName[row]!,
      destination: records.destinationName[row]!,
    });
    return {
      time: records.time(row),
      flow: {
        source: endpointOf(protocol, records.sourceAddress(row), records.sourcePort[row]!),
        destination: endpointOf(protocol, records.destinationAddress(row), records.destinationPort[row]!),
        protocol,
        ...(vlan === 0 ? {} : { vlan }),
        start: records.start(row),
        packetsToServer: this.forwardPackets[row]!,
        packetsToClient: this.backwardPackets[row]!,
        bytesToServer: this.forwardBytes[row]!,
        bytesToClient: this.backwardBytes[row]!,
        ...(names === undefined ? {} : { names }),
      },
      ageClass: AGE_CLASSES[records.ageClass[row]! - 1]!,
      coldStart: records.coldStart[row] === 1,
    };
  }
}
