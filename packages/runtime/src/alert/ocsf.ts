import type { Contribution } from '@edgeguard/detection';
import type { Alert, AlertFlow, Endpoint, Severity } from './alert.ts';
import { alertId } from './alert-id.ts';
import { flowId } from './flow-id.ts';
import { destinationName } from './flow-names.ts';
import { ownContext, tableRow } from './own-context.ts';
import { protocolName } from './protocol-name.ts';
import { signatureOf } from './signatures.ts';

/** Release of the Open Cybersecurity Schema Framework that the events follow. */
export const OCSF_VERSION = '1.5.0';

const MILLISECOND = 1_000_000n;
const FINDINGS = 2;
const DETECTION_FINDING = 2004;
const ACTIVITIES = { open: [1, 'Create'], update: [2, 'Update'], close: [3, 'Close'] } as const;
const NEW = 1;
const LEARNING = 4;
const UNKNOWN_DIRECTION = 0;

const SEVERITIES: Record<Severity, readonly [id: number, name: string]> = {
  1: [4, 'High'],
  2: [3, 'Medium'],
  3: [2, 'Low'],
};

/**
 * An alert as a Detection Finding (class 2004) of OCSF 1.5 (https://schema.ocsf.io/1.5.0/classes/detection_finding),
 * with an anomaly and a baseline for each contribution. The fields are listed in `schemas/ocsf-alert.schema.json`; what
 * OCSF has no attribute for is under `unmapped.edgeguard`. Returns one line without its end.
 */
export function formatOcsf(alert: Alert): string {
  const { flow } = alert;
  const signature = signatureOf(alert);
  const [activityId, activity] = ACTIVITIES[alert.episode?.state ?? 'open'];
  const [severityId, severity] = SEVERITIES[alert.severity];
  const { technique } = alert.finding;
  const time = milliseconds(alert.time);
  const start = milliseconds(flow?.start ?? alert.time);
  return JSON.stringify({
    activity_id: activityId,
    activity_name: activity,
    category_uid: FINDINGS,
    category_name: 'Findings',
    class_uid: DETECTION_FINDING,
    class_name: 'Detection Finding',
    type_uid: DETECTION_FINDING * 100 + activityId,
    type_name: `Detection Finding: ${activity}`,
    severity_id: severityId,
    severity,
    status_id: NEW,
    status: 'New',
    is_alert: activity !== 'Close',
    time,
    start_time: start,
    end_time: time,
    message: alert.reason,
    metadata: {
      version: OCSF_VERSION,
      uid: alertId(alert),
      event_code: String(signature.id),
      product: { name: 'EdgeGuard', vendor_name: 'EdgeGuard', feature: { name: alert.detector.name } },
    },
    finding_info: {
      uid: alertId(alert),
      title: signature.text,
      desc: alert.reason,
      types: ['Network Anomaly'],
      first_seen_time: start,
      last_seen_time: time,
      attacks: technique === undefined ? undefined : [{ technique: { uid: technique } }],
      analytic: {
        uid: alert.detector.model,
        name: alert.detector.name,
        type_id: LEARNING,
        type: 'Learning (ML/DL)',
        algorithm: 'autoencoder',
      },
    },
    evidences: [flow ? connection(flow) : { data: tableRow(alert) }],
    anomaly_analyses: [
      {
        analysis_targets: [
          flow
            ? { name: flow.source.address, type: 'Network Endpoint' }
            : { name: alert.row?.table ?? '', type: 'Table' },
        ],
        anomalies: alert.contributions.map(anomaly),
        baselines: alert.contributions.map(baseline),
      },
    ],
    unmapped: { edgeguard: ownContext(alert) },
  });
}

/** Who talked to whom. */
function connection(flow: AlertFlow): Record<string, unknown> {
  return {
    src_endpoint: endpoint(flow.source, flow.names?.source),
    dst_endpoint: endpoint(flow.destination, destinationName(flow.names)),
    connection_info: {
      uid: String(flowId(flow)),
      direction_id: UNKNOWN_DIRECTION,
      protocol_num: flow.protocol,
      protocol_name: protocolName(flow.protocol).toLowerCase(),
      protocol_ver_id: flow.source.address.includes(':') ? 6 : 4,
    },
  };
}

function anomaly(part: Contribution) {
  return {
    observation_parameter: parameter(part),
    observation_type: 'Reconstruction error',
    observations: [{ value: String(part.observed), count: 1 }],
  };
}

/** What the model expected; beside it, where the feature is a number, the middle 90 % of alike or of all training rows. */
function baseline(part: Contribution) {
  const range = part.nearest ?? part.usual;
  return {
    observation_parameter: parameter(part),
    observation_type: range ? 'Expected value, 5th and 95th percentile' : 'Expected value',
    observations: [part.expected, ...(range ?? [])].map((value) => ({ value: String(value) })),
  };
}

function parameter({ feature, unit }: Contribution): string {
  return `${feature} (${unit})`;
}

function endpoint({ address, port }: Endpoint, hostname: string | undefined) {
  return { ip: address, hostname, port };
}

function milliseconds(time: bigint): number {
  return Number(time / MILLISECOND);
}
