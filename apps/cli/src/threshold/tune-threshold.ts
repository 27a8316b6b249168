import { existsSync } from 'node:fs';
import { assertReplaceable, type DetectorDocument, UsageError, UserError } from '@edgeguard/contracts';
import { Interrupted } from '@edgeguard/contracts/stage';
import {
  type BudgetLine,
  budgetTable,
  categoryLine,
  type CategoryThresholds,
  changePolicy,
  chooseCategoryThresholds,
  type PolicyDocument,
  type PolicySubject,
  type ThresholdChoice,
  readDetectorFile,
  rowThresholds,
  RowThresholds,
  thresholdInForce,
  USUAL_BUDGETS,
  writePolicy,
} from '@edgeguard/detection';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import type { ThresholdOptions } from '../commands/threshold.ts';
import { countAlerts } from './count-alerts.ts';
import { findPolicy, policyPath } from './find-policy.ts';
import { scoreLabelled } from './score-labelled.ts';
import { categoryTable, thresholdTable } from './threshold-table.ts';

/** `edgeguard threshold`. */
export async function tuneThreshold(path: string, options: ThresholdOptions, signal: AbortSignal): Promise<void> {
  if (options.per !== undefined && options.budget === undefined) throw new UsageError('--per needs --budget');
  if (options.loosest !== undefined && options.per === undefined) throw new UsageError('--loosest is for --per');
  const file = await readDetectorFile(path);
  const found = await policyOrNone(path, file, options.policy);
  const current = thresholdInForce(file, found?.policy);
  const budgets = [
    `score=${current}`,
    ...(options.compare ?? USUAL_BUDGETS).filter((budget) => budget !== options.budget),
    ...(options.budget === undefined ? [] : [options.budget]),
  ];
  const change = found?.policy.history.at(-1);
  const grouping = [change?.categories?.feature, options.per].filter((name) => name !== undefined);
  const labelled =
    options.labelled === undefined ? undefined : await scoreLabelled(file.bytes, options.labelled, grouping, signal);
  const { confidence, rowsPerDay } = options;
  const known = { ...(rowsPerDay === undefined ? {} : { rowsPerDay }), ...(labelled ? { labelled } : {}) };
  const lines = budgetTable(file.document, budgets, {
    confidence,
    extrapolate: options.extrapolate === true,
    ...known,
  });
  const categories = options.per === undefined ? undefined : categoriesOf(file.document, lines.at(-1)!, options);
  const counts = options.whatIf
    ? await countAlerts(file.bytes, options.whatIf, thresholdsOf(file, found?.policy, lines, categories), signal)
    : undefined;
  if (signal.aborted) throw new Interrupted();
  const byCategory = (line: BudgetLine, of: CategoryThresholds | undefined): BudgetLine =>
    of && line.choice ? categoryLine(file.document, { ...line, choice: line.choice }, of, known) : line;
  const last = lines.length - 1;
  const shown = lines.map((line, i) =>
    i === 0
      ? byCategory(withPromise(line, file.document, found?.policy), change?.categories)
      : byCategory(line, i === last ? categories : undefined),
  );
  const table = thresholdTable({
    lines: shown,
    confidence,
    document: file.document,
    exploratory: change?.exploratory === true,
    ...(counts ? { counts } : {}),
  });
  const tables = [
    ...(change?.categories ? [`In force:\n${categoryTable(change.categories)}`] : []),
    ...(categories ? [`${options.budget}:\n${categoryTable(categories)}`] : []),
  ];
  await openLineOutput(STANDARD_OUTPUT).write([table, ...tables, ''].join('\n\n').slice(0, -1));
  if (options.budget !== undefined) await putIntoForce(path, file, found?.policy, lines.at(-1)!, options, categories);
}

/** Unlike for detect, a policy file that is named need not be there yet. */
async function policyOrNone(path: string, subject: PolicySubject, named: string | undefined) {
  return named !== undefined && !existsSync(named) ? undefined : findPolicy(path, subject, named);
}

/** The threshold in force with what was promised when it was set. */
function withPromise(
  line: BudgetLine,
  { threshold }: DetectorDocument,
  policy: PolicyDocument | undefined,
): BudgetLine {
  const change = policy?.history.at(-1);
  const { falseAlarmRate, episodesPerDay, alarmingBlockRate } = change ?? {
    falseAlarmRate: threshold.falseAlarmRate,
  };
  const choice: ThresholdChoice = {
    ...line.choice!,
    basis: change?.basis ?? 'conformal',
    ...(falseAlarmRate === undefined ? {} : { falseAlarmRate }),
    ...(episodesPerDay === undefined ? {} : { episodesPerDay }),
    ...(alarmingBlockRate === undefined ? {} : { alarmingBlockRate }),
  };
  return { ...line, choice };
}

/** What captures are replayed with: the policy in force, each line, and for the last one its categories where there are any. */
function thresholdsOf(
  subject: PolicySubject,
  policy: PolicyDocument | undefined,
  lines: readonly BudgetLine[],
  categories: CategoryThresholds | undefined,
): (RowThresholds | undefined)[] {
  const { document } = subject;
  return lines.map(({ choice }, line) => {
    if (line === 0) return rowThresholds(subject, policy);
    const own = line === lines.length - 1 ? categories : undefined;
    return choice && new RowThresholds(document, choice.threshold, own);
  });
}

/** Categories' thresholds for the budget that is put into force. */
function categoriesOf(
  document: DetectorDocument,
  { budget, choice, unsupported }: BudgetLine,
  { per, loosest, confidence }: ThresholdOptions,
): CategoryThresholds {
  if (!choice) throw new UserError(`budget ${budget}`, 'it cannot be supported', unsupported ?? '');
  if (choice.basis !== 'conformal' || choice.falseAlarmRate === undefined) {
    throw new UserError(`budget ${budget}`, '--per needs a promised share of rows', 'ask for a budget such as 0.1%');
  }
  return chooseCategoryThresholds(document, per!, choice.falseAlarmRate, choice.threshold, {
    confidence,
    ...(loosest === undefined ? {} : { loosest }),
  });
}

async function putIntoForce(
  path: string,
  subject: PolicySubject,
  before: PolicyDocument | undefined,
  line: BudgetLine,
  options: ThresholdOptions,
  categories: CategoryThresholds | undefined,
): Promise<void> {
  if (!line.choice) throw new UserError(`budget ${line.budget}`, 'it cannot be supported', line.unsupported ?? '');
  if (options.dryRun) return;
  const policy = changePolicy(subject, before, line.choice, {
    at: new Date(),
    budget: line.budget,
    exploratory: options.whatIf !== undefined || options.labelled !== undefined,
    ...(categories ? { categories } : {}),
    ...(options.by === undefined ? {} : { by: options.by }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  const target = options.policy ?? policyPath(path);
  assertReplaceable(target);
  await writePolicy(target, policy);
  const by = categories ? `, and by ${categories.feature}` : '';
  process.stderr.write(`alert above ${line.choice.threshold}${by} from now on: ${target}\n`);
}
