export type { Alert, AlertDetector, AlertFlow, AlertSubject, Endpoint, Severity, TableRow } from './alert/alert.ts';
export {
  type AddressConflict,
  CONFLICT_SIGNATURE,
  CONFLICT_TECHNIQUE,
  conflictReason,
} from './arp/address-conflict.ts';
export { ConflictWatch } from './arp/conflict-watch.ts';
export { conflictEcs, conflictEve, conflictOcsf, conflictText } from './arp/format-conflict.ts';
export { alertId } from './alert/alert-id.ts';
export { ECS_VERSION, formatEcs } from './alert/ecs.ts';
export { eveAlert, formatEve } from './alert/eve.ts';
export type { FlowNames } from './alert/flow-names.ts';
export { flowId } from './alert/flow-id.ts';
export { formatOcsf, OCSF_VERSION } from './alert/ocsf.ts';
export { protocolName } from './alert/protocol-name.ts';
export { severityOf } from './alert/severity.ts';
export { type Signature, signatureOf } from './alert/signatures.ts';
export { formatText } from './alert/text.ts';
export { eveTime, isoTime, plainTime } from './alert/traffic-time.ts';
export { detect } from './detect/detect.ts';
export type { Alerting, DetectRequest } from './detect/detect-request.ts';
export { type DetectSummary, formatSummary } from './detect/summary.ts';
export { detectPipeline, type PipelineDetection } from './detect-pipeline.ts';
export {
  type FlowLogSource,
  type NetFlowSource,
  type SourceFolders,
  type TableSource,
  type TrafficSource,
  trafficSource,
} from './detect/traffic-source.ts';
export { ALERT_FORMATS, type AlertFormat, type AlertOutput } from './output/alert-writer.ts';
export { type LineOutput, openLineOutput, STANDARD_OUTPUT } from './output/line-output.ts';
