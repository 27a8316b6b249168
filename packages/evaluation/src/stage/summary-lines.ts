import type { EvaluationDocument, ResultDocument } from '../evaluation-document.ts';
import { figure, percent, ratio } from '../report-client/format.ts';

/** The main figures as a small table for the terminal. */
export function summaryLines(evaluation: EvaluationDocument): string[] {
  const { test } = evaluation.splits;
  const table = [
    ['at the shipped threshold', 'detection', 'false alarms', 'per day', 'F1', 'ROC-AUC', 'PR-AUC'],
    ...[...evaluation.detectors, ...evaluation.baselines].map(cells),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const episodes = evaluation.detectors.flatMap(({ name, episodes: found }) =>
    found
      ? [
          `${name}: ${found.alerts} alerts in ${found.total} episodes, ${figure(found.perDay)} a day; ${found.openedByNormal} begin with a normal row`,
        ]
      : [],
  );
  const promises = evaluation.detectors.map(promiseLine);
  return [`test split: ${test.normal} normal and ${test.attack} attack rows`, ...lines, ...promises, ...episodes];
}

/** What thresholds for several budgets promised, and what came of it on the normal rows of test. */
function promiseLine({ name, budgets, threshold }: ResultDocument): string {
  const each = budgets.map(
    ({ falseAlarmRate, expectedRate, realised }) =>
      `${percent(falseAlarmRate)}: expected ${percent(expectedRate)}, realised ${percent(realised?.value ?? null)}`,
  );
  const kept = `${name}: false alarms promised with ${100 * threshold.confidence} % confidence`;
  return `${kept}: ${each.length === 0 ? 'no usual budget is supported' : each.join('; ')}`;
}

function cells({ name, atThreshold, oracle }: ResultDocument): string[] {
  return [
    name,
    percent(atThreshold.detectionRate?.value ?? null),
    percent(atThreshold.falseAlarmRate?.value ?? null),
    figure(atThreshold.perDay?.falseAlarms ?? null),
    ratio(atThreshold.f1),
    ratio(oracle.rocAuc),
    ratio(oracle.prAuc),
  ];
}
