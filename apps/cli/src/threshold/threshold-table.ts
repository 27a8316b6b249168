import { counted, type DetectorDocument } from '@edgeguard/contracts';
import type { BudgetLine, CategoryThresholds, ThresholdChoice } from '@edgeguard/detection';
import type { AlertCounts } from './count-alerts.ts';
import { textTable } from '../inspect/text-table.ts';

/** A column of the table: its title, and its cell for a line. */
interface TableColumn {
  readonly title: string;
  readonly cell: (line: BudgetLine) => string | number;
  /** Shown only where a line has it. */
  readonly shown?: boolean;
}

export interface TableInput {
  /** The first is that of the threshold in force. */
  readonly lines: readonly BudgetLine[];
  /** Alerts of captures under the thresholds of the lines. */
  readonly counts?: readonly (AlertCounts | undefined)[];
  readonly document: DetectorDocument;
  readonly confidence: number;
  /** The threshold in force was chosen after a look at what it finds. */
  readonly exploratory?: boolean;
}

/** What the budgets cost, with all that the figures rest on. */
export function thresholdTable({ lines, counts, document, confidence, exploratory = false }: TableInput): string {
  const [inForce, ...others] = lines;
  const some = (has: (line: BudgetLine) => unknown): boolean => lines.some((line) => has(line) !== undefined);
  const columns: TableColumn[] = [
    { title: 'budget', cell: (line) => (line === inForce ? (exploratory ? 'in force*' : 'in force') : line.budget) },
    {
      title: 'alert above',
      cell: ({ choice, categories }) =>
        categories ? `by ${categories.feature}` : choice ? short(choice.threshold) : 'not supported',
    },
    { title: 'promised at most', cell: ({ choice }) => promise(choice) },
    { title: 'expected', cell: ({ choice }) => (choice ? share(choice.expectedRate) : '-') },
    { title: 'at most, whichever is chosen', cell: ({ jointBound }) => orDash(jointBound, share) },
    {
      title: 'episodes a day (bound)',
      cell: ({ episodes }) => (episodes ? `${short(episodes.expectedPerDay)} (${short(episodes.boundPerDay)})` : '-'),
      shown: some(({ episodes }) => episodes),
    },
    {
      title: `${document.calibration?.blocks?.unit ?? 'block'}s with an alarm`,
      cell: ({ alarmingBlocks }) => orDash(alarmingBlocks, share),
      shown: some(({ alarmingBlocks }) => alarmingBlocks),
    },
    {
      title: 'alarms a day',
      cell: ({ alarmsPerDay }) => orDash(alarmsPerDay, short),
      shown: some(({ alarmsPerDay }) => alarmsPerDay),
    },
    {
      title: 'detection',
      cell: ({ detectionRate }) => orDash(detectionRate, share),
      shown: some(({ detectionRate }) => detectionRate),
    },
    {
      title: 'precision',
      cell: ({ precision }) => orDash(precision, share),
      shown: some(({ detectionRate }) => detectionRate),
    },
    {
      title: 'alerts now',
      cell: (line) => counts?.[lines.indexOf(line)]?.alerts ?? '-',
      shown: counts !== undefined,
    },
    {
      title: 'episodes now',
      cell: (line) => counts?.[lines.indexOf(line)]?.episodes ?? '-',
      shown: counts !== undefined,
    },
  ];
  const shown = columns.filter((column) => column.shown !== false);
  return [
    textTable(
      shown.map(({ title }) => title),
      lines.map((line) => shown.map(({ cell }) => cell(line))),
    ),
    ...(exploratory ? [EXPLORATORY] : []),
    evidence(document, confidence),
    ...assumptions(others),
    ...lines.flatMap(({ budget, unsupported }) => (unsupported === undefined ? [] : [`${budget}: ${unsupported}`])),
  ].join('\n');
}

const EXPLORATORY =
  '* chosen after a look at what it finds (exploratory): its own promise does not hold, the bound whichever is chosen does.';

/** Thresholds by category, in a table of their own. */
export function categoryTable({ feature, groups, rest, loosest, confidence }: CategoryThresholds): string {
  const tooLoose = `no: its own would be more than ${loosest} times that for all rows`;
  const rows = groups.map(({ category, threshold, rows: count, capped }) => [
    category,
    short(threshold),
    String(count),
    capped ? tooLoose : 'yes',
  ]);
  const why = !rest.pooled
    ? 'that for all rows: too few rows for a promise of their own'
    : rest.capped
      ? tooLoose
      : 'yes, together';
  return [
    textTable(
      [feature, 'alert above', 'calibration rows', 'promise kept'],
      [...rows, ['(others)', short(rest.threshold), String(rest.rows), why]],
    ),
    `Each with ${share(confidence)} confidence, so that all promises hold together.`,
  ].join('\n');
}

function evidence({ pValues, calibration }: DetectorDocument, confidence: number): string {
  const days = calibration?.days === undefined ? '' : ` of ${short(calibration.days)} days`;
  const blocks = calibration?.blocks;
  const unknown = calibration
    ? 'rows without time, so no blocks'
    : 'this detector was made before blocks were kept, so none';
  const independent = blocks ? counted(blocks.count, blocks.unit) : unknown;
  return `From ${pValues.rows} calibration scores${days}; what may be taken as independent: ${independent}. Bounds have ${share(confidence)} confidence.`;
}

/** One line for each thing that is assumed, and for which budgets. */
function assumptions(lines: readonly BudgetLine[]): string[] {
  const budgetsOf = new Map<string, string[]>();
  for (const { budget, choice } of lines) {
    if (!choice) continue;
    const interval = choice.interval
      ? `; 95 % interval ${short(choice.interval[0])} to ${short(choice.interval[1])}`
      : '';
    const text = choice.assumption + interval;
    budgetsOf.set(text, [...(budgetsOf.get(text) ?? []), budget]);
  }
  return [...budgetsOf].map(([text, budgets]) => `${budgets.join(', ')}: assumed: ${text}.`);
}

function promise(choice: ThresholdChoice | undefined): string {
  if (choice?.falseAlarmRate !== undefined) return share(choice.falseAlarmRate);
  if (choice?.episodesPerDay !== undefined)
    return `${counted(choice.episodesPerDay, 'episode', short(choice.episodesPerDay))} a day`;
  if (choice?.alarmingBlockRate !== undefined) return `${share(choice.alarmingBlockRate)} of blocks`;
  return choice?.basis === 'extrapolation' ? 'nothing: EXTRAPOLATED' : '-';
}

function orDash(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '-' : format(value);
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function share(value: number): string {
  return `${Number((100 * value).toPrecision(3))} %`;
}
