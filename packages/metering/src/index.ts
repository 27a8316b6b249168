export type { PacketSink } from './packet-sink.ts';
export {
  ARP_CLAIMS,
  ARP_KINDS,
  type ArpClaim,
  type ArpKind,
  ArpRecord,
  type ArpSink,
  type ArpStatistics,
} from './arp/arp-record.ts';
export { ArpBatcher, ARP_NAME_COLUMNS, arpSchema } from './arp/arp-schema.ts';
export { FRESH_CLAIM_SECONDS } from './arp/arp-table.ts';
export type { ContextStatistics } from './context/traffic-context.ts';
export { FlowMeter } from './flow-meter.ts';
export { ACCOUNTING_OPTIONS, DETECTION_OPTIONS, type MeteringOptions } from './options.ts';
export type { MeteringStatistics } from './statistics.ts';
export { AGE_CLASSES, type AgeClass, END_REASONS, type EndReason } from './records/age-class.ts';
export { FlowBatch, FlowBatcher, flowBatchColumns } from './records/flow-batch.ts';
export { FlowRecord, type FlowSink } from './records/flow-record.ts';
export { featureReference } from './features/feature-reference.ts';
export { FLOW_NAME_COLUMNS, flowSchema } from './records/flow-schema.ts';
export { TUNNEL_NAMES, type TunnelName } from './wire/tunnel.ts';
export { WINDOW_SECONDS } from './windows/window-seconds.ts';
export { CoreFlowRecord } from './flow-core/core-flow.ts';
export { coreFlowOf } from './flow-core/core-flow-of-record.ts';
export { coreFlowOfSensor, type SensorFlow } from './flow-core/core-flow-of-sensor.ts';
export { flowCoreReference } from './flow-core/core-reference.ts';
export { corePacketOptions } from './flow-core/core-packet-options.ts';
export { flowCoreSchema } from './flow-core/core-schema.ts';
export { FlowCoreBatch, flowCoreColumns } from './flow-core/flow-core-batch.ts';
export { FlowCoreMeter, type FlowCoreOptions } from './flow-core/flow-core-meter.ts';
export type { FlowCoreRecord, FlowCoreSink } from './flow-core/flow-core-record.ts';
export type { FlowCoreStatistics } from './flow-core/flow-core-statistics.ts';
