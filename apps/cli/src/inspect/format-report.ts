import type { DetectorReport } from './detector-report.ts';
import { operatorTable } from '../tflite/describe-operators.ts';
import { textTable } from './text-table.ts';

/** A detector in words and tables. */
export function formatReport(report: DetectorReport): string {
  const sections = [
    overview(report),
    heading('Threshold', threshold(report)),
    heading('Graph', operatorTable(report.graph.operators)),
    heading(`Schema ${report.detector.schema.name} ${report.detector.schema.version}`, schema(report)),
    ...(report.detector.metering ? [heading('Metering', list(report.detector.metering))] : []),
    heading('Provenance', provenance(report)),
    heading('Verification', verification(report)),
  ];
  return `${sections.join('\n\n')}\n`;
}

function heading(title: string, body: string): string {
  return `${title}\n${'='.repeat(title.length)}\n${body}`;
}

function overview({ file, bytes, sha256, model, detector }: DetectorReport): string {
  return list({
    file,
    detector: `${detector.name}, ${detector.precision}`,
    bytes,
    'SHA-256 of the file': sha256,
    'SHA-256 of graph and weights': model,
    score: score(detector.scorer),
  });
}

function score({ kind, evidenceWeight, distance }: DetectorReport['detector']['scorer']): string {
  const weights = `${kind}, evidence weight ${evidenceWeight}`;
  if (!distance) return weights;
  return `${weights}, residual weight ${distance.residualWeight}, distance to ${distance.centres} centres with weight ${distance.weight}`;
}

function threshold({ detector }: DetectorReport): string {
  const { value, rule, falseAlarmRate, confidence, rows, rank, expectedRate } = detector.threshold;
  return list({
    'alert where the score is above': value,
    rule: `${rule}: rank ${rank} of ${rows} calibration scores`,
    'promised false alarm rate': `at most ${falseAlarmRate} with confidence ${confidence}, for independent rows`,
    'expected false alarm rate': expectedRate.toPrecision(3),
    'smallest p-value': (1 / (detector.pValues.rows + 1)).toPrecision(3),
  });
}

function schema({ detector }: DetectorReport): string {
  const rows = detector.schema.features.map(({ name, kind, unit, family, description }, index) => {
    const { p05, p50, p95 } = detector.baselines[index]!;
    return [index, name, kind, unit, family ?? '', short(p05), short(p50), short(p95), description ?? ''];
  });
  return textTable(['#', 'feature', 'kind', 'unit', 'family', 'p05', 'p50', 'p95', 'description'], rows);
}

function provenance({ detector }: DetectorReport): string {
  const { splits, inputs, seed, versions } = detector.provenance;
  return list({
    seed,
    'schema hash': detector.schema.hash,
    ...prefixed('split', splits),
    ...prefixed('input', inputs),
    ...prefixed('version of', versions),
  });
}

function verification({ verification: found }: DetectorReport): string {
  if (!found) return 'There is no verification of this file beside it.';
  const engines = found.engines.map(({ name, detail, available }) => [name, available ? 'compared' : 'absent', detail]);
  const checks = found.checks.map(({ name, engine, measured, limit, must, passed }) => [
    passed ? 'passed' : 'FAILED',
    engine,
    name,
    short(measured),
    `must ${must} ${short(limit)}`,
  ]);
  return [
    `${found.passed ? 'passed' : 'FAILED'}`,
    textTable(['engine', 'state', 'detail'], engines),
    textTable(['result', 'engine', 'check', 'measured', 'limit'], checks),
  ].join('\n\n');
}

function prefixed(prefix: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix} ${key}`, value]));
}

function list(values: Readonly<Record<string, unknown>>): string {
  const width = Math.max(...Object.keys(values).map((key) => key.length));
  return Object.entries(values)
    .map(([key, value]) => `${key.padEnd(width)}  ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('\n');
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
