import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { chooseThreshold, type Detector, openDetector, parseBudget } from '@edgeguard/detection';
import { readCapture } from '@edgeguard/sources';
import { SeededRandom } from '@edgeguard/transform';
import { withDetector } from '../detection/run-pipeline.ts';
import { type Frame, FrameKeeper } from '../explanations/capture-frames.ts';
import { changedBy, changeFlows } from '../explanations/changed-flows.ts';
import { type ConstructedAnomaly, constructAnomalies } from '../explanations/constructed-anomalies.ts';
import { chanceOf, type Judgement, judge } from '../explanations/judge-explanation.ts';
import { readNormalRows } from '../explanations/normal-rows.ts';
import { PACKET_CHANGES } from '../explanations/packet-changes.ts';
import { printTable } from '../harness/table.ts';

const SEED = 1;
const WANTED = 300;
const PRECISIONS = ['float32', 'int8'] as const;

/**
 * Pipelines whose normal rows are real, what each needs in the data folder, and at which thresholds alerts are raised: the
 * detector's own (undefined), or that of an operator's budget. The detector of `captures` calibrates on 361 rows of other
 * applications, of which the worst one sets its threshold: hardly any single change reaches it.
 */
const PIPELINES: readonly { readonly name: string; readonly data: string; readonly budgets: readonly Budget[] }[] = [
  { name: 'captures', data: 'captures', budgets: [undefined, 'quantile=0.95'] },
  { name: 'nsl-kdd', data: 'nsl-kdd', budgets: [undefined] },
  { name: 'unsw-nb15', data: 'unsw-nb15', budgets: [undefined] },
];
type Budget = string | undefined;

/** Rows that are changed have at most this share of the threshold as their score. */
const MOST_BEFORE = [1, 0.5];

/** Captures whose packets are changed, below the data folder, and alerts wanted of each kind of change. */
const CAPTURES = join('captures', 'nfstream');
const WANTED_OF_CHANGE = 12;
/** Each try meters a whole capture twice. */
const LARGEST_CAPTURE = 200_000;

/** One explained alert. */
interface Case {
  readonly what: string;
  readonly judgement: Judgement;
}

/**
 * Whether explanations name what was changed. Anomalies are made of real normal rows by changing one feature, drawn with its
 * size and direction over all features, and of real captures by changing the packets of a flow. Every miss is listed, and
 * every counterfactual scored again.
 */
export async function benchExplanations(): Promise<void> {
  const folder = dataFolder(findWorkspaceRoot(import.meta.dirname));
  const lines: string[][] = [];
  const misses: string[] = [];
  const add = (name: string, cases: readonly Case[], features: string, tried: number): void => {
    lines.push(summary(name, cases, features, tried));
    misses.push(...missesOf(name, cases));
  };
  for (const { name, data, budgets } of PIPELINES) {
    if (!existsSync(join(folder, data))) {
      process.stdout.write(`no data in ${data} of the data folder, left out: ${name}\n`);
      continue;
    }
    const changes: string[][] = [];
    await withDetector(name, SEED, async (artifacts) => {
      const test = join(artifacts, 'preprocess', 'test.arrow');
      const captures = name === 'captures' ? await readSmallCaptures(test, join(folder, CAPTURES)) : [];
      for (const precision of PRECISIONS) {
        const detector = await openDetector(join(artifacts, 'convert', `detector.${precision}.tflite`));
        const normal = await readNormalRows(test, detector);
        for (const budget of budgets) {
          const threshold = thresholdOf(detector, budget);
          for (const mostBefore of MOST_BEFORE) {
            const what = `${name} ${precision}${inWords(budget)}, from at most ${mostBefore}`;
            const options = { wanted: WANTED, threshold, mostBefore };
            const made = constructAnomalies(detector, normal.rows, normal.count, options, new SeededRandom(SEED));
            const changed = new Set(made.anomalies.map(({ feature }) => feature)).size;
            const cases = made.anomalies.map((anomaly) => judgeRow(detector, anomaly, threshold));
            add(what, cases, `${changed} of ${detector.featureCount}`, made.tried);
          }
        }
        if (captures.length > 0) {
          const budget = budgets.at(-1);
          const threshold = thresholdOf(detector, budget);
          const options = { wanted: WANTED_OF_CHANGE, threshold, mostBefore: 0.5 };
          const made = changeFlows(detector, captures, options, new SeededRandom(SEED));
          const cases = made.flows.map(({ change, row }) => ({
            what: change.name,
            judgement: judge(detector, row, threshold, changedBy(change)),
          }));
          const kinds = new Set(made.flows.map(({ change }) => change.name)).size;
          const what = `${name} ${precision}${inWords(budget)}, changed packets`;
          add(what, cases, `${kinds} of ${PACKET_CHANGES.length} kinds`, made.tried);
          changes.push(...linesOfChanges(what, cases, detector.document.schema.features));
        }
        detector.dispose();
      }
    });
    printPipeline(name, lines.splice(0));
    if (changes.length > 0) printChanges(changes);
  }
  process.stdout.write(`\nmisses (${misses.length}):\n${misses.map((miss) => `  ${miss}\n`).join('')}`);
}

/** What one pipeline gave, as soon as it is known: the next one trains for minutes. */
function printPipeline(name: string, lines: readonly string[][]): void {
  process.stdout.write('"from at most s": rows that scored at most s times the threshold before the change\n');
  process.stdout.write('"by chance": what three features drawn at random would have given\n');
  printTable(
    `Explanations of constructed anomalies, ${name}: the changed feature or its family among the top three`,
    [
      '',
      'alerts',
      'changed',
      'changes tried',
      'found',
      'by chance',
      'by shares',
      'itself',
      'counterfactuals',
      'proven',
      'above',
    ],
    lines,
  );
}

/** One line for each change of packets, with how many features would count as naming it. */
function linesOfChanges(
  what: string,
  cases: readonly Case[],
  features: readonly { readonly name: string }[],
): string[][] {
  return PACKET_CHANGES.map((change) => {
    const judged = cases.filter((each) => each.what === change.name).map(({ judgement }) => judgement);
    const about = features.filter(({ name }) => change.features.test(name)).length;
    const found = judged.filter((each) => each.found).length;
    return [
      `${what}: ${change.name}`,
      `${about} of ${features.length}`,
      percent(chanceOf(about, features.length)),
      String(judged.length),
      judged.length === 0 ? '–' : percent(found / judged.length),
    ];
  });
}

function printChanges(lines: readonly string[][]): void {
  printTable(
    'Changes of packets: features that say what was done, and whether one is among the top three',
    ['', 'features', 'by chance', 'alerts', 'found'],
    lines,
  );
}

function inWords(budget: Budget): string {
  return budget === undefined ? '' : ` ${budget}`;
}

function thresholdOf({ document }: Detector, budget: Budget): number {
  return budget === undefined ? document.threshold.value : chooseThreshold(document, parseBudget(budget)).threshold;
}

function judgeRow(detector: Detector, { feature, from, to, row }: ConstructedAnomaly, threshold: number): Case {
  const { name, family } = detector.document.schema.features[feature]!;
  return {
    what: `${name} from ${short(from)} to ${short(to)}`,
    judgement: judge(detector, row, threshold, {
      isFeature: (other) => other === name,
      families: family === undefined ? [] : [family],
    }),
  };
}

/** Frames of the captures that the rows of a split came from, but for large ones. */
async function readSmallCaptures(split: string, folder: string): Promise<Frame[][]> {
  const reader = await DatasetReader.open(split);
  const names = new Set<string>();
  try {
    for await (const batch of reader.batches()) for (const name of batch.strings('capture')) names.add(basename(name));
  } finally {
    await reader.close();
  }
  const captures: Frame[][] = [];
  for (const name of [...names].sort()) {
    const path = join(folder, name);
    if (!existsSync(path) || statSync(path).size > LARGEST_CAPTURE) continue;
    const keeper = new FrameKeeper();
    await readCapture(path, keeper);
    captures.push(keeper.frames);
  }
  return captures;
}

function summary(name: string, cases: readonly Case[], features: string, tried: number): string[] {
  const count = (test: (judgement: Judgement) => boolean): number =>
    cases.filter((each) => test(each.judgement)).length;
  const share = (n: number): string => (cases.length === 0 ? '–' : percent(n / cases.length));
  const chance = cases.reduce((sum, { judgement }) => sum + judgement.chance, 0);
  return [
    name,
    String(cases.length),
    features,
    String(tried),
    share(count(({ found }) => found)),
    share(chance),
    share(count(({ foundByShares }) => foundByShares)),
    share(count(({ exact }) => exact)),
    String(count(({ counterfactual }) => counterfactual !== 'none')),
    String(count(({ counterfactual }) => counterfactual === 'proven')),
    String(count(({ counterfactual }) => counterfactual === 'above')),
  ];
}

function missesOf(name: string, cases: readonly Case[]): string[] {
  return cases
    .filter(({ judgement }) => !judgement.found)
    .map(({ what, judgement }) => `${name}: ${what}; named ${judgement.top.join(', ')}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
