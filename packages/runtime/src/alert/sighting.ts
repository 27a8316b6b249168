import type { DetectorDocument } from '@edgeguard/contracts';
import {
  type Detector,
  type ExplainedRow,
  Explainer,
  findCounterfactual,
  type Finding,
  FindingClassifier,
  pValue,
  type RowThresholds,
  scoreDrops,
  tailModel,
} from '@edgeguard/detection';
import type { Alert, AlertDetector, AlertSubject, Severity } from './alert.ts';
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
  /** Where live traffic came from. */
  readonly interface?: string;
}

/** A score and the threshold that it is above. */
export interface Judged {
  readonly score: number;
  readonly threshold: number;
}

/** A record above the threshold with what can be said of it at little cost. */
export interface Sighting extends Judged {
  readonly subject: AlertSubject;
  readonly pValue: number;
  readonly severity: Severity;
  /** Features with the largest shares, at most five. */
  readonly causes: readonly string[];
  /** Worked out when it is first read, which scores the row several times. */
  readonly finding: Finding;
  /** False where too few of its source's latest records were above the threshold. */
  readonly confirmed: boolean;
  /** The alert with its whole explanation, which costs more. As the finding, only while the sighting is handed over. */
  alert(): Alert;
}

/** Makes sightings, and alerts of those that somebody is told of. */
export class Spotter {
  readonly #context: AlertContext;
  readonly #detector: Detector;
  readonly #explainer: Explainer;
  readonly #findings: FindingClassifier;
  readonly #tail: ReturnType<typeof tailModel>;

  constructor(detector: Detector, context: AlertContext) {
    this.#detector = detector;
    this.#context = context;
    this.#explainer = new Explainer(detector);
    this.#findings = new FindingClassifier(detector);
    this.#tail = tailModel(context.document.calibration?.tail);
  }

  spot(subject: AlertSubject, judged: Judged, explained: ExplainedRow, confirmed: boolean): Sighting {
    const { document } = this.#context;
    const { score, threshold } = judged;
    const p = pValue(document.pValues, score);
    const severity = severityOf(
      score,
      threshold,
      p,
      document.threshold.falseAlarmRate,
      1 / (document.pValues.rows + 1),
      this.#tail,
    );
    const causes = this.#explainer.causes(explained.featureErrors, SHOWN);
    const known = { subject, score, threshold, pValue: p, severity, causes, confirmed };
    return new SpottedRow(this, known, explained);
  }

  findingOf({ row, expected }: ExplainedRow, score: number): Finding {
    return this.#findings.classify(row, expected, score);
  }

  alertOf(sighting: Sighting, spotted: ExplainedRow): Alert {
    const { detector, interface: source } = this.#context;
    const { subject, score, threshold, pValue: p, finding, severity, causes } = sighting;
    const explained = { ...spotted, drops: scoreDrops(this.#detector, spotted.row, spotted.expected) };
    const shown = { top: SHOWN, smallestShare: SMALLEST_SHARE };
    const contributions = this.#explainer.explain(explained, shown);
    const counterfactual = findCounterfactual(this.#detector, explained, { threshold });
    return {
      ...subject,
      score,
      threshold,
      pValue: p,
      detector,
      contributions,
      causes,
      families: this.#explainer.families(spotted.featureErrors),
      ...(counterfactual === undefined ? {} : { counterfactual }),
      finding,
      reason: contributions
        .slice(0, NAMED_CAUSES)
        .map(({ text }) => text)
        .join('; '),
      severity,
      ...(source === undefined ? {} : { interface: source }),
    };
  }
}

/** A class, since an object with a getter of its own is slow to make, and a flood makes many. */
class SpottedRow implements Sighting {
  readonly subject: AlertSubject;
  readonly score: number;
  readonly threshold: number;
  readonly pValue: number;
  readonly severity: Severity;
  readonly causes: readonly string[];
  readonly confirmed: boolean;
  readonly #spotter: Spotter;
  readonly #explained: ExplainedRow;
  #finding: Finding | undefined;

  constructor(spotter: Spotter, known: Omit<Sighting, 'finding' | 'alert'>, explained: ExplainedRow) {
    this.subject = known.subject;
    this.score = known.score;
    this.threshold = known.threshold;
    this.pValue = known.pValue;
    this.severity = known.severity;
    this.causes = known.causes;
    this.confirmed = known.confirmed;
    this.#spotter = spotter;
    this.#explained = explained;
  }

  get finding(): Finding {
    return (this.#finding ??= this.#spotter.findingOf(this.#explained, this.score));
  }

  alert(): Alert {
    return this.#spotter.alertOf(this, this.#explained);
  }
}
