import type { Contribution, Counterfactual } from '@edgeguard/detection';
import type { Alert, AlertEpisode } from './alert.ts';
import { alertId } from './alert-id.ts';
import { namesInContext } from './flow-names.ts';
import { isoTime } from './traffic-time.ts';

/** What standards have no field for; every structured format carries it, under one name. */
export function ownContext(alert: Alert): Record<string, unknown> {
  return {
    alert_id: alertId(alert),
    score: alert.score,
    threshold: alert.threshold,
    p_value: alert.pValue,
    detector: { name: alert.detector.name, precision: alert.detector.precision, model: alert.detector.model },
    row: tableRow(alert),
    sensor: alert.flow?.sensor,
    names: namesInContext(alert.flow?.names),
    age_class: alert.ageClass,
    cold_start: alert.coldStart,
    finding: alert.finding.type,
    episode: alert.episode === undefined ? undefined : episode(alert.episode),
    reason: alert.reason,
    contributions: alert.contributions.map(contribution),
    causes: alert.causes,
    families: alert.families.map(({ family, share }) => ({ family, share })),
    counterfactual: alert.counterfactual === undefined ? undefined : counterfactual(alert.counterfactual),
  };
}

/** Which row of a table; undefined where an alert is about a flow. */
export function tableRow({ row }: Pick<Alert, 'row'>): Record<string, unknown> | undefined {
  return row === undefined ? undefined : { table: row.table, number: row.number };
}

function counterfactual({ changes, score }: Counterfactual): Record<string, unknown> {
  return { score, changes: changes.map(({ feature, from, to, text }) => ({ feature, from, to, text })) };
}

function episode(of: AlertEpisode): Record<string, unknown> {
  return {
    id: of.id,
    state: of.state,
    scope: of.scope,
    start: isoTime(of.start),
    end: isoTime(of.end),
    source: of.source,
    target: of.target,
    alerts: of.alerts,
    folded: of.folded,
    severity: of.severity,
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
    drop: part.drop,
    observed: part.observed,
    expected: part.expected,
    usual: part.usual,
    nearest: part.nearest,
    evidence: part.evidence,
    text: part.text,
  };
}
