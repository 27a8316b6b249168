import type { DetectorDocument } from '@edgeguard/contracts';
import { type Contribution, findingType, pValue } from '@edgeguard/detection';
import { AGE_CLASSES } from '@edgeguard/metering';
import type { RecordBatch } from '../detect/record-batch.ts';
import type { Alert, AlertDetector, AlertFlow, Endpoint } from './alert.ts';
import { severityOf } from './severity.ts';

/** IP protocols with ports: TCP, UDP, DCCP, SCTP, UDPLite. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);
/** Contributions that an alert shows at most, and the share of the score from which on they are shown. */
const SHOWN = 5;
const SMALLEST_SHARE = 0.01;
/** Causes named in the one sentence. */
const NAMED_CAUSES = 3;

/** What all alerts of a run share. */
export interface AlertContext {
  readonly document: DetectorDocument;
  readonly detector: AlertDetector;
  /** The threshold in force. */
  readonly threshold: number;
  /** Where live traffic came from. */
  readonly interface?: string;
}

/**
 * The alert of one row of a scored batch.
 *
 * @param explained contributions of all features, largest share first
 */
export function recordAlert(
  context: AlertContext,
  batch: RecordBatch,
  row: number,
  score: number,
  explained: readonly Contribution[],
): Alert {
  const { document, threshold } = context;
  const contributions = explained.filter(({ share }, i) => i === 0 || (i < SHOWN && share >= SMALLEST_SHARE));
  const p = pValue(document.pValues, score);
  return {
    time: batch.records.time(row),
    flow: flowOf(batch, row),
    ageClass: AGE_CLASSES[batch.records.ageClass[row]! - 1]!,
    coldStart: batch.records.coldStart[row] === 1,
    score,
    threshold,
    pValue: p,
    detector: context.detector,
    contributions,
    finding: findingType(explained),
    reason: contributions
      .slice(0, NAMED_CAUSES)
      .map(({ text }) => text)
      .join('; '),
    severity: severityOf(score, threshold, p, document.threshold.falseAlarmRate, 1 / (document.pValues.rows + 1)),
    ...(context.interface === undefined ? {} : { interface: context.interface }),
  };
}

function flowOf(batch: RecordBatch, row: number): AlertFlow {
  const { records } = batch;
  const protocol = records.protocol[row]!;
  const vlan = records.vlan[row]!;
  const end = (address: string, port: number): Endpoint => (WITH_PORTS.has(protocol) ? { address, port } : { address });
  return {
    source: end(records.sourceAddress(row), records.sourcePort[row]!),
    destination: end(records.destinationAddress(row), records.destinationPort[row]!),
    protocol,
    ...(vlan === 0 ? {} : { vlan }),
    start: records.start(row),
    packetsToServer: batch.forwardPackets[row]!,
    packetsToClient: batch.backwardPackets[row]!,
    bytesToServer: batch.forwardBytes[row]!,
    bytesToClient: batch.backwardBytes[row]!,
  };
}
