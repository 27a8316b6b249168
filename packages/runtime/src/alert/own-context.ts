import type { Contribution } from '@edgeguard/detection';
import type { Alert } from './alert.ts';

/** What standards have no field for; every structured format carries it, under one name. */
export function ownContext(alert: Alert): Record<string, unknown> {
  return {
    score: alert.score,
    threshold: alert.threshold,
    p_value: alert.pValue,
    detector: { name: alert.detector.name, precision: alert.detector.precision, model: alert.detector.model },
    age_class: alert.ageClass,
    stands_for: alert.standsFor,
    reason: alert.reason,
    contributions: alert.contributions.map(contribution),
  };
}

function contribution(part: Contribution): Record<string, unknown> {
  return {
    feature: part.feature,
    description: part.description,
    family: part.family,
    unit: part.unit,
    share: part.share,
    observed: part.observed,
    expected: part.expected,
    usual: part.usual,
    text: part.text,
  };
}
