export { CaptureDecoder } from './capture/capture-decoder.ts';
export type { CaptureStatistics, CaptureTruncation } from './capture/capture-statistics.ts';
export { PcapWriter, type PcapWriterOptions } from './capture/pcap-writer.ts';
export {
  type CaptureFileReport,
  type CaptureProgress,
  type CaptureReport,
  expandCapturePaths,
  readCapture,
  type ReadCaptureOptions,
  readCaptures,
} from './capture/read-captures.ts';
export { type CoreFlow, type CoreFlowSink, type Sensor, SENSORS } from './flow-logs/core-flow.ts';
export {
  FLOW_LOG_FORMATS,
  FlowLogDecoder,
  type FlowLogFormat,
  type FlowLogStatistics,
} from './flow-logs/flow-log-reader.ts';
export { followFlowLog, type FollowOptions, type FollowReport } from './flow-logs/follow-flow-log.ts';
export { type FlowLogReport, readFlowLogs, type ReadFlowLogOptions } from './flow-logs/read-flow-logs.ts';
export { STANDARD_INPUT } from './input/open-input.ts';
export { captureInterface, type InterfaceOptions, type InterfaceReport } from './interface/capture-interface.ts';
export type { KernelCounters } from './interface/tcpdump-messages.ts';
export { type FlowLabel, LabelMatcher } from './labels/label-matcher.ts';
export { LABEL_RULE_SCHEMA, type LabelRule, labelRuleColumns } from './labels/label-rule.ts';
export type { ExportedFlow } from './netflow/exported-flow.ts';
export { FlowJoiner, type FlowJoinerOptions } from './netflow/flow-joiner.ts';
export { NetFlowDecoder, type NetFlowStatistics } from './netflow/netflow-decoder.ts';
export {
  DEFAULT_NETFLOW_PORT,
  listenNetFlow,
  type ListenOptions,
  type ListenReport,
} from './netflow/netflow-listener.ts';
export { type IpfixFileReport, readIpfixFiles, type ReadIpfixOptions } from './netflow/read-netflow.ts';
export type { AttackPlan } from './synthetic/attacks/attack.ts';
export {
  describeAttacks,
  describeServices,
  type Description,
  type GenerateOptions,
  generateTraffic,
  synthesizeCapture,
  type SyntheticResult,
} from './synthetic/generate-traffic.ts';
export type { AttackRequest, SyntheticOptions } from './synthetic/options.ts';
export { inferColumns, type InferredTable } from './table/infer-columns.ts';
export { CellProblem, parseNumber } from './table/cell.ts';
export { openTable, type OpenTable, type OpenTableOptions } from './table/open-table.ts';
export { type ReadTablesOptions, type TableFile, TableReader } from './table/read-tables.ts';
export { tableSchema } from './table/table-schema.ts';
