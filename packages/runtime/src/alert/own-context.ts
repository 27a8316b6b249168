import type { Contribution } from '@edgeguard/detection';
import type { Alert, AlertEpisode } from './alert.ts';
import { namesInContext } from './flow-names.ts';
import { isoTime } from './traffic-time.ts';

/** What standards have no field for; every structured format carries it, under one name. */
export function ownContext(alert: Alert): Record<string, unknown> {
  return {
    score: alert.score,
    threshold: alert.threshold,
    p_value: alert.pValue,
    detector: { name: alert.detector.name, precision: alert.detector.precision, model: alert.detector.model },
    sensor: alert.flow.sensor,
    names: namesInContext(alert.flow.names),
    age_class: alert.ageClass,
    cold_start: alert.coldStart,
    finding: alert.finding.type,
    episode: alert.episode === undefined ? undefined : episode(alert.episode),
    reason: alert.reason,
    contributions: alert.contributions.map(contribution),
  };
}

function episode(of: AlertEpisode): Record<string, unknown> {
  return {
    id: of.id,
    state: of.state,
    scope: of.scope,
    start: isoTime(of.start),
    end: isoTime(of.end),
    alerts: of.alerts,
    sources: of.sources,
    targets: of.targets,
    max_score: of.maxScore,
    min_p_value: of.minPValue,
    causes: of.causes,
    finding: of.finding,
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
