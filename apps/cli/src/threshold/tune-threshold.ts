import { existsSync } from 'node:fs';
import { assertReplaceable, UserError } from '@edgeguard/contracts';
import { Interrupted } from '@edgeguard/contracts/stage';
import {
  type BudgetLine,
  budgetTable,
  changePolicy,
  type PolicyDocument,
  type PolicySubject,
  readDetectorFile,
  thresholdInForce,
  USUAL_BUDGETS,
  writePolicy,
} from '@edgeguard/detection';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import type { ThresholdOptions } from '../commands/threshold.ts';
import { textTable } from '../inspect/text-table.ts';
import { countAlerts } from './count-alerts.ts';
import { findPolicy, policyPath } from './find-policy.ts';

/** `edgeguard threshold`. */
export async function tuneThreshold(path: string, options: ThresholdOptions, signal: AbortSignal): Promise<void> {
  const file = await readDetectorFile(path);
  const found = await policyOrNone(path, file, options.policy);
  const current = thresholdInForce(file, found?.policy);
  const budgets = [...(options.compare ?? USUAL_BUDGETS), ...(options.budget === undefined ? [] : [options.budget])];
  const lines = budgetTable(file.document, budgets, {
    confidence: options.confidence,
    ...(options.rowsPerDay === undefined ? {} : { rowsPerDay: options.rowsPerDay }),
  });
  const thresholds = [current, ...lines.map(({ choice }) => choice?.threshold)];
  const counts = options.whatIf ? await countAlerts(file.bytes, options.whatIf, thresholds, signal) : undefined;
  if (signal.aborted) throw new Interrupted();
  await openLineOutput(STANDARD_OUTPUT).write(`${tableOf(lines, current, counts)}\n`);
  if (options.budget !== undefined) await putIntoForce(path, file, found?.policy, lines.at(-1)!, options);
}

/** Unlike for detect, a policy file that is named need not be there yet. */
async function policyOrNone(path: string, subject: PolicySubject, named: string | undefined) {
  return named !== undefined && !existsSync(named) ? undefined : findPolicy(path, subject, named);
}

function tableOf(
  lines: readonly BudgetLine[],
  current: number,
  counts: readonly (number | undefined)[] | undefined,
): string {
  const perDay = lines.some(({ alarmsPerDay }) => alarmsPerDay !== undefined);
  const header = ['budget', 'alert above', 'promised at most', 'expected', ...(perDay ? ['alarms a day'] : [])];
  const rows = lines.map(({ budget, choice, alarmsPerDay }, i) => [
    budget,
    choice ? short(choice.threshold) : 'not supported',
    choice?.falseAlarmRate === undefined ? '-' : share(choice.falseAlarmRate),
    choice ? share(choice.expectedRate) : '-',
    ...(perDay ? [alarmsPerDay === undefined ? '-' : short(alarmsPerDay)] : []),
    ...(counts ? [counts[i + 1] ?? '-'] : []),
  ]);
  const inForce = ['in force', short(current), '', '', ...(perDay ? [''] : []), ...(counts ? [counts[0] ?? '-'] : [])];
  const supported = lines.find(({ choice }) => choice)?.choice;
  return [
    textTable([...header, ...(counts ? ['alerts now'] : [])], [inForce, ...rows]),
    ...(supported ? [`From ${supported.rows} calibration scores. Assumed: ${supported.assumption}.`] : []),
    ...lines.flatMap(({ budget, unsupported }) => (unsupported === undefined ? [] : [`${budget}: ${unsupported}`])),
  ].join('\n');
}

async function putIntoForce(
  path: string,
  subject: PolicySubject,
  before: PolicyDocument | undefined,
  line: BudgetLine,
  options: ThresholdOptions,
): Promise<void> {
  if (!line.choice) throw new UserError(`budget ${line.budget}`, 'it cannot be supported', line.unsupported ?? '');
  if (options.dryRun) return;
  const policy = changePolicy(subject, before, line.choice, {
    at: new Date(),
    budget: line.budget,
    exploratory: options.whatIf !== undefined,
    ...(options.by === undefined ? {} : { by: options.by }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  const target = options.policy ?? policyPath(path);
  assertReplaceable(target);
  await writePolicy(target, policy);
  process.stderr.write(`alert above ${line.choice.threshold} from now on: ${target}\n`);
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function share(value: number): string {
  return `${Number((100 * value).toPrecision(3))} %`;
}
