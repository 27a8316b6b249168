import { type Detector, explainRow, findCounterfactual, scoreDrops } from '@edgeguard/detection';

/** Features that an operator reads first. */
const TOP = 3;

/** How the explanation of one alert did. */
export interface Judgement {
  /** The changed feature, or one of its family, is among the three that explain the most. */
  readonly found: boolean;
  /** The changed feature itself is. */
  readonly exact: boolean;
  readonly top: readonly string[];
  /** `proven`: the counterfactual, scored again here, is not above the threshold. `none`: there was none. */
  readonly counterfactual: 'proven' | 'above' | 'none';
}

/** What a change is about. */
export interface Changed {
  /** Whether a feature of that name was changed. */
  readonly isFeature: (name: string) => boolean;
  readonly families: readonly string[];
}

/**
 * Explains a row above the threshold as `detect` does, and compares with what was changed.
 *
 * @param threshold which the row's score is above
 */
export function judge(detector: Detector, row: Float32Array, threshold: number, changed: Changed): Judgement {
  const { expected, featureErrors } = detector.explain(row, 1);
  const explained = { row, expected, featureErrors, drops: scoreDrops(detector, row, expected) };
  const top = explainRow(detector, explained, { top: TOP, smallestShare: 0 });
  const exact = top.some(({ feature }) => changed.isFeature(feature));
  const found = findCounterfactual(detector, explained, { threshold });
  return {
    found: exact || top.some(({ family }) => changed.families.includes(family)),
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
