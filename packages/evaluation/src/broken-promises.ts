import { counted } from '@edgeguard/contracts';
import type { EvaluationDocument, ResultDocument } from './evaluation-document.ts';
import { axisPercent, figure, percent } from './report-client/format.ts';

const NAMED = 5;
/** A feature has moved where its index is so many times the largest of any feature in the validation and calibration splits. */
const MOVED = 3;

/**
 * Which promises of the detectors were not kept on the test split, and what the rows tell of why: whether they come from
 * other files than the calibration rows, which features moved, and what the drift monitor says. Empty where all
 * were kept.
 *
 * @param calibrationDays days of traffic of the calibration rows; null where they have no time
 */
export function brokenPromises(
  detectors: readonly Pick<ResultDocument, 'name' | 'budgets' | 'episodeBudgets'>[],
  dataChecks: EvaluationDocument['dataChecks'],
  calibrationDays: number | null,
): string[] {
  const broken = detectors.flatMap(({ name, budgets, episodeBudgets }) => {
    const rates = budgets
      .filter(({ outcome }) => outcome === 'broken')
      .map(({ falseAlarmRate, realised }) => `${percent(realised!.value)} for ${axisPercent(falseAlarmRate)}`);
    const episodes = episodeBudgets
      .filter(({ outcome }) => outcome === 'broken')
      .map(({ perDay, realised }) => `${figure(realised!.value)} for ${counted(perDay, 'episode')} a day`);
    const all = [...rates, ...episodes];
    return all.length === 0 ? [] : [`${name}: ${all.join(', ')}`];
  });
  if (broken.length === 0) return [];
  const reasons = [...shortTime(calibrationDays), ...apart(dataChecks), ...moved(dataChecks), ...drifted(dataChecks)];
  if (reasons.length === 0) {
    reasons.push(
      calibrationDays !== null
        ? 'Nothing in the rows tells why. The bound is for independent rows, and rows of traffic depend on each other.'
        : 'Nothing in the rows tells why.',
    );
  }
  return [`Promises that were not kept on the test split: ${broken.join('; ')}.`, ...reasons];
}

function shortTime(days: number | null): string[] {
  return days !== null && days < 1
    ? [`The calibration rows cover ${figure(24 * days)} hours of traffic: they have not seen what a whole day brings.`]
    : [];
}

function apart({ testApart }: EvaluationDocument['dataChecks']): string[] {
  return testApart
    ? [
        'The test rows come from other files or groups than the calibration rows: a promise made on the latter says nothing about other traffic.',
      ]
    : [];
}

/** Features of all normal test rows against train; what validation and calibration rows did says what is usual. */
function moved({ drift }: EvaluationDocument['dataChecks']): string[] {
  const usual = Math.max(...drift.flatMap(({ validation, calibration }) => [validation, calibration]));
  const found = drift.filter(({ test }) => test > MOVED * usual).sort((a, b) => b.test - a.test);
  if (found.length === 0) return [];
  const named = found.slice(0, NAMED).map(({ feature, test }) => `${feature} ${figure(test)}`);
  return [
    `Normal test rows are distributed differently than train rows in ${found.length} of ${drift.length} features (population stability index: ${named.join(', ')}), validation and calibration rows in none (${figure(usual)} at most).`,
  ];
}

function drifted({ testDrift }: EvaluationDocument['dataChecks']): string[] {
  if (!testDrift || testDrift.state === 'stable') return [];
  const named = testDrift.moved.slice(0, NAMED).map(({ name, blocks }) => `${name} in ${blocks}`);
  return [
    `The drift monitor ends as "${testDrift.state}" on normal test rows: of ${testDrift.blocks} blocks there moved ${named.join(', ')}.`,
  ];
}
