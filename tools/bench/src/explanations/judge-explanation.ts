import { type Detector, explainRow, findCounterfactual, scoreDrops } from '@edgeguard/detection';

/** Features that an operator reads first. */
const TOP = 3;

/** How the explanation of one alert did. */
export interface Judgement {
  /** The changed feature, or one of its family, is among the three with the largest shares. */
  readonly found: boolean;
  /** The changed feature itself is. */
  readonly exact: boolean;
  readonly top: readonly string[];
  /** `proven`: the counterfactual, scored again here, is not above the threshold. `none`: there was none. */
  readonly counterfactual: 'proven' | 'above' | 'none';
}

/**
 * Explains a row above the threshold as `detect` does, and compares with what was changed.
 *
 * @param threshold which the row's score is above
 * @param changed   names of the features that were changed, and families that the change is about
 */
export function judge(
  detector: Detector,
  row: Float32Array,
  threshold: number,
  { features, families }: { readonly features: readonly string[]; readonly families: readonly string[] },
): Judgement {
  const { expected, featureErrors } = detector.explain(row, 1);
  const explained = { row, expected, featureErrors, drops: scoreDrops(detector, row, expected) };
  const top = explainRow(detector, explained, { top: TOP, smallestShare: 0 });
  const exact = top.some(({ feature }) => features.includes(feature));
  const found = findCounterfactual(detector, explained, { threshold });
  return {
    found: exact || top.some(({ family }) => families.includes(family)),
    exact,
    top: top.map(({ feature }) => feature),
    counterfactual:
      found === undefined ? 'none' : isSilent(detector, row, found.changes, threshold) ? 'proven' : 'above',
  };
}

function isSilent(
  detector: Detector,
  row: Float32Array,
  changes: readonly { readonly feature: string; readonly to: number }[],
  threshold: number,
): boolean {
  const changed = row.slice();
  for (const { feature, to } of changes) {
    changed[detector.document.schema.features.findIndex(({ name }) => name === feature)] = to;
  }
  const score = new Float32Array(1);
  detector.score(changed, 1, score);
  return score[0]! <= threshold;
}
