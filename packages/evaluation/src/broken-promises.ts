import type { EvaluationDocument, ResultDocument } from './evaluation-document.ts';
import { axisPercent, figure, percent } from './report-client/format.ts';

const NAMED = 5;

/**
 * Which promises of the detectors were not kept on the test split, and what the rows tell of why: whether they come from
 * other files than the calibration rows, and whether the drift monitor takes them for the same traffic. Empty where all
 * were kept.
 */
export function brokenPromises(
  detectors: readonly Pick<ResultDocument, 'name' | 'budgets' | 'episodeBudgets'>[],
  dataChecks: EvaluationDocument['dataChecks'],
  hasTime: boolean,
): string[] {
  const broken = detectors.flatMap(({ name, budgets, episodeBudgets }) => {
    const rates = budgets
      .filter(({ outcome }) => outcome === 'broken')
      .map(({ falseAlarmRate, realised }) => `${percent(realised!.value)} for ${axisPercent(falseAlarmRate)}`);
    const episodes = episodeBudgets
      .filter(({ outcome }) => outcome === 'broken')
      .map(({ perDay, realised }) => `${figure(realised!.value)} for ${perDay} episodes a day`);
    const all = [...rates, ...episodes];
    return all.length === 0 ? [] : [`${name}: ${all.join(', ')}`];
  });
  if (broken.length === 0) return [];
  const reasons = [...apart(dataChecks), ...drifted(dataChecks)];
  if (reasons.length === 0) {
    reasons.push(
      hasTime
        ? 'Nothing in the rows tells why. The bound is for independent rows, and rows of traffic depend on each other.'
        : 'Nothing in the rows tells why.',
    );
  }
  return [`Promises that were not kept on the test split: ${broken.join('; ')}.`, ...reasons];
}

function apart({ testApart }: EvaluationDocument['dataChecks']): string[] {
  return testApart
    ? [
        'The test rows come from other files or groups than the calibration rows: a promise made on the latter says nothing about other traffic.',
      ]
    : [];
}

function drifted({ testDrift }: EvaluationDocument['dataChecks']): string[] {
  if (!testDrift || testDrift.blocks === 0) return [];
  const { blocks, moved } = testDrift;
  // By chance one block in twenty moves in something.
  const often = moved.filter((signal) => signal.blocks >= Math.max(2, 0.2 * blocks));
  if (often.length === 0) return [];
  const named = often.slice(0, NAMED).map((signal) => `${signal.name} in ${signal.blocks}`);
  const more = often.length > NAMED ? ` and ${often.length - NAMED} more` : '';
  return [
    `Normal test rows are not like those of calibration: of ${blocks} blocks of rows there moved ${named.join(', ')}${more}.`,
  ];
}
