import { largestShares } from '../explanation/explain-row.ts';
import type { RowScorer } from '../explanation/score-drops.ts';
import { FindingClassifier } from '../finding/finding-type.ts';
import type { EpisodeAlert } from './episode.ts';

/** Causes that an alert names. */
const CAUSES = 5;

/** A row with the detector's outputs for it, all [F]. */
export interface ExplainedValues {
  readonly row: Float32Array;
  readonly expected: Float32Array;
  readonly featureErrors: Float32Array;
}

/** Tells what the alert logic would see of rows above the threshold: for replays over rows of a dataset. */
export class EpisodeRecorder {
  readonly #scorer: RowScorer;
  readonly #findings: FindingClassifier;

  constructor(scorer: RowScorer) {
    this.#scorer = scorer;
    this.#findings = new FindingClassifier(scorer);
  }

  record(
    subject: Pick<EpisodeAlert, 'time' | 'source' | 'target' | 'score'>,
    { row, expected, featureErrors }: ExplainedValues,
  ): EpisodeAlert {
    const { type } = this.#findings.classify(row, expected, subject.score);
    return {
      ...subject,
      pValue: 1,
      severity: 3,
      causes: largestShares(this.#scorer.document, featureErrors, CAUSES),
      ...(type === 'unknown' ? {} : { finding: type }),
    };
  }
}
