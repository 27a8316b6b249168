import type { DetectorDocument } from '@edgeguard/contracts';
import {
  type Contribution,
  type DriftMonitor,
  findingType,
  pValue,
  type RowThresholds,
  tailModel,
} from '@edgeguard/detection';
import type { AlertRow } from '../detect/score-batch.ts';
import type { Alert, AlertDetector } from './alert.ts';
import { severityOf } from './severity.ts';

/** Contributions that an alert shows at most, and the share of the score from which on they are shown. */
const SHOWN = 5;
const SMALLEST_SHARE = 0.01;
/** Causes named in the one sentence. */
const NAMED_CAUSES = 3;

/** What all alerts of a run share. */
export interface AlertContext {
  readonly document: DetectorDocument;
  readonly detector: AlertDetector;
  /** The thresholds in force. */
  readonly thresholds: RowThresholds;
  /** Sees every row. */
  readonly drift?: DriftMonitor;
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
  row: AlertRow,
  { score, threshold }: { readonly score: number; readonly threshold: number },
  explained: readonly Contribution[],
): Alert {
  const { document } = context;
  const contributions = explained.filter(({ share }, i) => i === 0 || (i < SHOWN && share >= SMALLEST_SHARE));
  const p = pValue(document.pValues, score);
  return {
    ...row,
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
    severity: severityOf(
      score,
      threshold,
      p,
      document.threshold.falseAlarmRate,
      1 / (document.pValues.rows + 1),
      tailModel(document.calibration?.tail),
    ),
    ...(context.interface === undefined ? {} : { interface: context.interface }),
  };
}
