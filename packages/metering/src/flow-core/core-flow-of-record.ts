import {
  FLAG_ESTABLISHED,
  FLAG_FIN_BACKWARD,
  FLAG_FIN_FORWARD,
  FLAG_MID_STREAM,
  FLAG_RST_BACKWARD,
  FLAG_RST_FORWARD,
  FLAG_SYN_BACKWARD,
  FLAG_SYN_FORWARD,
} from '../flow-table/flow-layout.ts';
import type { FlowRecord } from '../records/flow-record.ts';
import { CoreFlowRecord } from './core-flow.ts';
import { hasPorts } from './ports.ts';

const BILLION = 1e9;
/** What other sources can tell too. */
const COMMON_FLAGS =
  FLAG_SYN_FORWARD |
  FLAG_SYN_BACKWARD |
  FLAG_ESTABLISHED |
  FLAG_FIN_FORWARD |
  FLAG_FIN_BACKWARD |
  FLAG_RST_FORWARD |
  FLAG_RST_BACKWARD |
  FLAG_MID_STREAM;

/** The flow of a final record, as other sources would tell it. Its name is the meter's number of the flow. */
export function coreFlowOf(record: FlowRecord): CoreFlowRecord {
  const flow = new CoreFlowRecord();
  flow.sensorId = String(record.flowId);
  flow.addressWords.set(record.addressWords);
  if (hasPorts(record.protocol)) {
    flow.sourcePort = record.sourcePort;
    flow.destinationPort = record.destinationPort;
  }
  flow.protocol = record.protocol;
  flow.startSeconds = record.startSeconds;
  flow.startNanoseconds = record.startNanoseconds;
  // A record is emitted up to a timeout after the last packet, which is where other sensors let a flow end.
  const end = record.startNanoseconds + Math.round(record.duration * BILLION);
  flow.endSeconds = record.startSeconds + Math.floor(end / BILLION);
  flow.endNanoseconds = end % BILLION;
  flow.duration = record.duration;
  flow.forwardPackets = record.forwardPackets;
  flow.backwardPackets = record.backwardPackets;
  flow.forwardBytes = record.forwardBytes;
  flow.backwardBytes = record.backwardBytes;
  flow.connection = record.flags & COMMON_FLAGS;
  return flow;
}
