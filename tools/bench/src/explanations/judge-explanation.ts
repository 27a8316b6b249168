import { type Detector, Explainer, findCounterfactual, scoreDrops } from '@edgeguard/detection';

/** Features that an operator reads first. */
const TOP = 3;

/** How the explanation of one alert did. */
export interface Judgement {
  /** The changed feature, or one of its family, is among the three that explain the most. */
  readonly found: boolean;
  /** As `found`, of the three with the largest shares of the score: what an explanation without rescoring would name. */
  readonly foundByShares: boolean;
  /** The changed feature itself is among those that explain the most. */
  readonly exact: boolean;
  readonly top: readonly string[];
  /** Probability that three features drawn at random would count as found. */
  readonly chance: number;
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
  const explainer = new Explainer(detector);
  const top = explainer.explain(explained, { top: TOP, smallestShare: 0 });
  const { features } = detector.document.schema;
  const isAbout = (name: string): boolean =>
    changed.isFeature(name) || changed.families.includes(features.find((f) => f.name === name)?.family ?? '');
  const about = features.filter(({ name }) => isAbout(name)).length;
  const exact = top.some(({ feature }) => changed.isFeature(feature));
  const found = findCounterfactual(detector, explained, { threshold });
  return {
    found: top.some(({ feature }) => isAbout(feature)),
    foundByShares: explainer.causes(featureErrors, TOP).some(isAbout),
    exact,
    top: top.map(({ feature }) => feature),
    chance: chanceOf(about, features.length),
    counterfactual:
      found === undefined ? 'none' : isSilent(detector, row, found.changes, threshold) ? 'proven' : 'above',
  };
}

/** Probability that at least one of `TOP` of `all` features, drawn without replacement, is among `about` of them. */
export function chanceOf(about: number, all: number): number {
  let none = 1;
  for (let drawn = 0; drawn < TOP; drawn++) none *= Math.max(0, all - about - drawn) / (all - drawn);
  return 1 - none;
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
