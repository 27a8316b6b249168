import { counted } from '@edgeguard/contracts';
import type { EvaluationDocument, Outcome, ResultDocument } from '../evaluation-document.ts';
import { axisPercent, figure, percent, ratio } from '../report-client/format.ts';

/** The main figures as small tables for the terminal. */
export function summaryLines(evaluation: EvaluationDocument): string[] {
  const { test } = evaluation.splits;
  const results = [...evaluation.detectors, ...evaluation.baselines];
  const episodes = evaluation.detectors.flatMap(({ name, episodes: found }) =>
    found
      ? [
          `${name}: ${found.alerts} alerts in ${found.total} episodes, ${figure(found.perDay)} a day; ${found.openedByNormal} begin with a normal row`,
        ]
      : [],
  );
  return [
    `test split: ${test.normal} normal and ${test.attack} attack rows`,
    ...aligned([
      ['at the shipped threshold', 'detection', 'false alarms', 'per day', 'F1', 'ROC-AUC', 'PR-AUC'],
      ...results.map(cells),
    ]),
    ...newRowsLines(evaluation),
    ...evaluation.detectors.flatMap(promiseLines),
    ...evaluation.brokenPromises,
    ...episodes,
  ];
}

/** The main figures on deduplicated rows: those that occur in no earlier split and not before in the test split. */
function newRowsLines({ detectors, splits }: EvaluationDocument): string[] {
  const [first] = detectors;
  if (!first) return [];
  const { normal, attack } = first.onNewRows;
  if (normal === splits.test.normal && attack === splits.test.attack)
    return ['deduplicated rows: no test row repeats another'];
  return [
    `deduplicated rows: ${normal} normal and ${attack} attack rows are not in an earlier split and repeat no other`,
    ...detectors.map(
      ({ name, onNewRows: found }) =>
        `${name} on them: detection ${percent(found.detectionRate?.value ?? null)}, false alarms ` +
        `${percent(found.falseAlarmRate?.value ?? null)}, ROC-AUC ${ratio(found.rocAuc)}, PR-AUC ${ratio(found.prAuc)}`,
    ),
  ];
}

/** What thresholds for several budgets promised, and what came of it on the normal rows of test. */
function promiseLines({ name, budgets, episodeBudgets, threshold }: ResultDocument): string[] {
  const rates = budgets.map((line) => [
    `${axisPercent(line.falseAlarmRate)} of rows`,
    percent(line.expectedRate),
    percent(line.realised?.value ?? null),
    figure(line.expectedEpisodesPerDay),
    figure(line.episodesPerDay?.value ?? null),
    percent(line.detectionRate?.value ?? null),
    outcomeText(line.outcome),
  ]);
  const episodes = episodeBudgets.map((line) => [
    `${counted(line.perDay, 'episode')} a day`,
    '–',
    percent(line.falseAlarmRate?.value ?? null),
    figure(line.expectedPerDay),
    figure(line.realised?.value ?? null),
    percent(line.detectionRate?.value ?? null),
    outcomeText(line.outcome),
  ]);
  if (rates.length + episodes.length === 0)
    return [`${name}: calibration rows are too few to promise any usual budget`];
  const head = [
    `${name}, promised at most (${100 * threshold.confidence} %)`,
    'expected',
    'realised',
    'episodes/day expected',
    'realised',
    'detection',
    'promise',
  ];
  return aligned([head, ...rates, ...episodes]);
}

/** The outcome of a promise in words. */
export function outcomeText(outcome: Outcome | null): string {
  if (outcome === null) return '–';
  return { kept: 'kept', chance: 'above, within chance', broken: 'NOT KEPT' }[outcome];
}

/** The first column to the left, the others to the right. */
function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
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
