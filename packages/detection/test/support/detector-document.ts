import { type DetectorDocument, type FeatureColumn, schemaHash } from '@edgeguard/contracts';

export function column(name: string, kind: FeatureColumn['kind'], unit: string, description: string): FeatureColumn {
  return { name, role: 'feature', type: 'float32', kind, unit, description, family: 'volume' };
}

/** A detector's document for explanations: four features of different kinds. */
export function detectorDocument(): DetectorDocument {
  const features = [
    column('ports', 'count', '{port}', 'distinct destination ports in 60 s'),
    column('duration', 'seconds', 's', 'duration of the flow'),
    column('answered', 'flag', '1', 'the other side answered'),
    column('service', 'category', '1', 'service by destination port'),
  ];
  return {
    format: 'edgeguard.detector',
    version: 1,
    name: 'test',
    precision: 'float32',
    schema: { name: 'test', version: 1, hash: schemaHash(features), features },
    vocabularies: { service: ['http', 'dns', 'telnet'] },
    scorer: { kind: 'whitened-residual', evidenceWeight: 1 },
    threshold: {
      rule: 'conformal',
      value: 2,
      falseAlarmRate: 0.01,
      confidence: 0.95,
      rows: 1000,
      rank: 4,
      expectedRate: 4 / 1001,
    },
    pValues: { rows: 1000, scores: [4, 2, 0], atLeast: [1, 5, 1000] },
    baselines: [
      { p05: 1, p50: 2, p95: 6, min: 0, max: 20 },
      { p05: 0.001, p50: 0.1, p95: 60, min: 0, max: 600 },
      { p05: 1, p50: 1, p95: 1, min: 0, max: 1 },
      { p05: 1, p50: 1, p95: 2, min: 1, max: 3 },
    ],
    provenance: { splits: {}, inputs: {}, seed: 1, versions: {} },
  };
}
