import { FlowCoreBatch, type FlowCoreRecord } from '@edgeguard/metering';
import { endpointOf } from '../alert/endpoint.ts';
import type { AlertSubject } from '../alert/alert.ts';
import type { ScoreBatch } from './score-batch.ts';

/** Whole flows, which is all that their sensors tell of. */
const AGE_CLASS = 'final';
const OWN_SENSOR = 'packets';

/** Rows of flow-core that wait to be scored together. */
export class CoreBatch implements ScoreBatch<FlowCoreRecord> {
  readonly records: FlowCoreBatch;

  constructor(capacity: number) {
    this.records = new FlowCoreBatch(capacity);
  }

  add(record: FlowCoreRecord): void {
    this.records.add(record);
  }

  source(row: number): string {
    return this.records.sourceAddress(row);
  }

  about(row: number): AlertSubject {
    const { records } = this;
    const flow = records.flow(row);
    const { protocol, sensor, sensorId } = flow;
    return {
      time: records.time(row),
      flow: {
        source: endpointOf(protocol, records.sourceAddress(row), flow.sourcePort),
        destination: endpointOf(protocol, records.destinationAddress(row), flow.destinationPort),
        protocol,
        start: records.start(row),
        packetsToServer: flow.forwardPackets,
        packetsToClient: flow.backwardPackets,
        bytesToServer: flow.forwardBytes,
        bytesToClient: flow.backwardBytes,
        ...(sensor === OWN_SENSOR ? {} : { sensor: { name: sensor, uid: sensorId } }),
      },
      ageClass: AGE_CLASS,
      coldStart: records.coldStart[row] === 1,
    };
  }
}
