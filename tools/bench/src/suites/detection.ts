import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { rocAucWithoutEach } from '../detection/leave-one-out.ts';
import { type Evaluation, type Result, runPipeline } from '../detection/run-pipeline.ts';
import { printTable } from '../harness/table.ts';

const SEEDS = [1, 2, 3];

/** Pipelines with labelled validation data, and the folder below the data folder that each needs. */
const PIPELINES = [
  {
    name: 'nsl-kdd',
    data: 'nsl-kdd',
    from: 'the Canadian Institute for Cybersecurity (UNB), NSL-KDD',
    // Time to live is not among its columns.
    telling: [],
  },
  {
    name: 'unsw-nb15',
    data: 'unsw-nb15',
    from: 'UNSW Canberra, The UNSW-NB15 Dataset',
    // Times to live, which may tell the machines of the attacks rather than the attacks.
    telling: ['sttl', 'dttl', 'ct_state_ttl'],
  },
];

/** The default's rival when its width was chosen (comparisons 5 and 6 of the ledger). */
const NARROW = [64, 32, 16, 32, 64];

/** Detection on validation data: each seed draws splits, noise and weights anew. Baselines are held to the same budget. */
export async function benchDetection(): Promise<void> {
  const folder = dataFolder(findWorkspaceRoot(import.meta.dirname));
  for (const { name, data, from, telling } of PIPELINES) {
    if (!existsSync(join(folder, data))) {
      process.stdout.write(`no data in ${data} of the data folder, left out: ${name}; to be had from ${from}\n`);
      continue;
    }
    const runs: Evaluation[] = [];
    for (const seed of SEEDS) runs.push(await runPipeline(name, seed));
    printFigures(name, runs);
    printAttacks(name, runs);
    if (telling.length > 0) {
      const without: Evaluation[] = [];
      for (const seed of SEEDS) {
        without.push(await runPipeline(name, seed, ({ collect }) => (collect.source.ignore = telling)));
      }
      printFigures(`${name} without ${telling.join(', ')}`, without);
    }
    const narrow = await runPipeline(name, SEEDS[0]!, (config) => {
      config.train = { ...config.train, network: { hidden: NARROW } };
    });
    printLeaveOneOut(name, runs[0]!, narrow);
  }
  process.stdout.write(
    'How the default was chosen: docs/selection-ledger.md lists every comparison that used labels.\n',
  );
}

function printFigures(name: string, runs: readonly Evaluation[]): void {
  const systems = (run: Evaluation): Result[] => [...run.detectors, ...run.baselines];
  const seeds = `mean ± standard deviation of seeds ${SEEDS.join(', ')}`;
  const of = (system: string, pick: (result: Result) => number | null | undefined): string =>
    spread(runs.map((run) => pick(systems(run).find((result) => result.name === system)!) ?? Number.NaN));
  const names = systems(runs[0]!).map((result) => result.name);
  printTable(
    `${name}, at the shipped threshold, ${seeds}`,
    ['', 'detection', 'false alarms', 'F1', 'macro detection'],
    names.map((system) => [
      system,
      of(system, (r) => r.atThreshold.detectionRate?.value),
      of(system, (r) => r.atThreshold.falseAlarmRate?.value),
      of(system, (r) => r.atThreshold.f1),
      of(system, (r) => r.atThreshold.macroDetectionRate),
    ]),
  );
  const { unit } = runs[0]!.detectors[0]!.bootstrap;
  printTable(
    `${name}, oracle figures (thresholds read off the test labels), ${seeds}`,
    ['', 'ROC-AUC', `95 % by ${unit}, seed 1`, 'PR-AUC', 'at 1 %', 'at 5 %', 'macro ROC-AUC', 'ROC-AUC on new rows'],
    names.map((system) => [
      system,
      of(system, (r) => r.oracle.rocAuc),
      systems(runs[0]!)
        .find((r) => r.name === system)!
        .bootstrap.rocAuc?.map((end) => end.toFixed(4))
        .join('–') ?? '–',
      of(system, (r) => r.oracle.prAuc),
      of(system, (r) => r.oracle.detectionAt[0]?.detectionRate),
      of(system, (r) => r.oracle.detectionAt[1]?.detectionRate),
      of(system, (r) => r.oracle.macroRocAuc),
      of(system, (r) => r.onNewRows.rocAuc),
    ]),
  );
  const [first, second] = runs[0]!.detectors;
  if (first && second) {
    const difference = runs.map(({ detectors }) => detectors[1]!.oracle.rocAuc! - detectors[0]!.oracle.rocAuc!);
    process.stdout.write(`${name}: ROC-AUC of ${second.name} minus ${first.name}: ${spread(difference)}\n`);
  }
}

/** Whether the choice of the default's width hangs on one attack: ROC-AUC of the others, each left out in turn. */
function printLeaveOneOut(name: string, chosen: Evaluation, rival: Evaluation): void {
  const [ours, theirs] = [chosen, rival].map(({ detectors }) => rocAucWithoutEach(detectors[0]!));
  const rows = [...ours!].map(([attack, area]) => {
    const other = theirs!.get(attack) ?? Number.NaN;
    return [attack, area.toFixed(4), other.toFixed(4), (area - other).toFixed(4)];
  });
  printTable(
    `${name}, ROC-AUC of the other attacks with one left out, float32, seed ${SEEDS[0]}`,
    ['left out', 'default', `hidden ${NARROW.join('-')}`, 'difference'],
    rows,
  );
}

function printAttacks(name: string, runs: readonly Evaluation[]): void {
  const { detectors } = runs[0]!;
  const rate = (run: Evaluation, detector: number, attack: string): number => {
    const found = run.detectors[detector]!.atThreshold.perAttack.find((entry) => entry.attack === attack);
    return found ? found.alerts / found.rows : Number.NaN;
  };
  printTable(
    `${name}, detection rate of each attack at the shipped threshold`,
    ['', 'rows', ...detectors.map((detector) => detector.name)],
    detectors[0]!.atThreshold.perAttack.map(({ attack, rows }) => [
      attack,
      String(rows),
      ...detectors.map((_, index) => spread(runs.map((run) => rate(run, index, attack)))),
    ]),
  );
}

/** Mean and sample standard deviation. */
function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${mean.toFixed(4)} ± ${Math.sqrt(squares / Math.max(1, values.length - 1)).toFixed(4)}`;
}
