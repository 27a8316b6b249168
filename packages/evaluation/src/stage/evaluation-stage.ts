import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fileProblem,
  PRECISIONS,
  readJson,
  sha256OfFile,
  SPLIT_PURPOSES,
  type SplitPurpose,
  type SplitUses,
  type TransformDocument,
  TransformSchema,
  UserError,
  useSplit,
} from '@edgeguard/contracts';
import type { StageContext, StageDefinition, StageReport } from '@edgeguard/contracts/stage';
import { conformalThreshold, type Detector, openDetector } from '@edgeguard/detection';
import { type AssembledEvaluation, assembleEvaluation, type SystemScores } from '../assemble-evaluation.ts';
import { fitBaselines } from '../baselines/baselines.ts';
import { clusterRows } from '../metrics/clusters.ts';
import { reportData } from '../report/report-data.ts';
import { renderReport } from '../report/report.ts';
import { normalScores, type ScoredSplit, type Scorers, scoreSplit, lookAtTrain } from './score-split.ts';
import { readHistory } from './read-history.ts';
import { DataChecks } from './data-checks.ts';
import { TopAnomalies } from './top-anomalies.ts';
import { EpisodeReplay } from './episode-replay.ts';
import { TestDrift } from './test-drift.ts';
import { summaryLines } from './summary-lines.ts';
import { verificationLines } from './verification-lines.ts';
import { writeScores } from './write-scores.ts';

/**
 * Beside stage 5. Reads the detectors, all splits and the training history; writes `evaluation.json`, `scores.arrow` and
 * `report.html`. Scores with the reference engine, so that the figures are the same on every machine.
 */
export const evaluationStage: StageDefinition = { target: 'evaluate', run };

type Splits = Readonly<Record<SplitPurpose, ScoredSplit>>;

async function run(context: StageContext): Promise<StageReport> {
  const { output, signal, log, config } = context;
  const transform = await readJson(context.input('preprocess', 'transform.json'), TransformSchema);
  const detectors = await openDetectors(context);
  try {
    const { uses, paths } = await checkSplits(context, transform, detectors);
    const train = await lookAtTrain(paths.train, transform, config.seed, signal);
    const baselines = fitBaselines(train.statistics, transform.schema.features, config.seed);
    const scorers: Scorers = { transform, detectors, baselines };
    const checks = new DataChecks(transform, train.sample, config.seed);
    const top = new TopAnomalies(transform.schema.features.length);
    const [firstDetector] = detectors.values();
    const drift = new TestDrift(firstDetector!);
    const episodes = new Map([...detectors].map(([name, detector]) => [name, new EpisodeReplay(detector)]));
    const splits = await scoreSplits(paths, scorers, { checks, top, episodes, drift }, signal);
    const shared = checks.sharedRows(splits.test.labelled);
    const summaries = {
      train: splits.train.summary,
      validation: splits.validation.summary,
      calibration: splits.calibration.summary,
      test: splits.test.summary,
    };
    const systems = systemScores(scorers, splits, episodes, paths.calibration);
    const assembled = assembleEvaluation({
      pipeline: context.pipeline,
      schema: {
        name: transform.schema.name,
        version: transform.schema.version,
        hash: transform.schema.hash,
        features: transform.schema.features.length,
      },
      splitDigests: uses,
      ...(await describeFiles(context, detectors)),
      splits: summaries,
      test: splits.test.labelled,
      clusters: clusterRows(splits.test.labelled, splits.test.group),
      ...systems,
      curvePoints: config.evaluate.curvePoints,
      seed: config.seed,
      isNew: shared.isNew,
      dataChecks: checks.report(shared, summaries, drift.finish()),
      topAnomalies: top.explain(firstDetector!, splits.test.labelled.attackNames),
    });
    await output.writeJson('evaluation.json', assembled.document);
    await writeScores(output.path('scores.arrow'), splits, [...detectors.keys(), ...baselines.map(({ name }) => name)]);
    await writeReport(context, assembled, systems.detectors, splits.test, detectors);
    for (const line of summaryLines(assembled.document)) log.info(line);
    log.info(`report: ${join(output.folder, 'report.html')}`);
    return {
      rows: Object.fromEntries(SPLIT_PURPOSES.map((purpose) => [purpose, splits[purpose].summary.rows])),
      dropped: Object.fromEntries(
        SPLIT_PURPOSES.map((purpose) => [`${purpose}: not finite`, splits[purpose].summary.notFinite]),
      ),
      notes: assembled.document.notes,
    };
  } finally {
    for (const detector of detectors.values()) detector.dispose();
  }
}

async function openDetectors(context: StageContext): Promise<Map<string, Detector>> {
  const detectors = new Map<string, Detector>();
  for (const precision of PRECISIONS) {
    const file = detectorFile(precision);
    if (!existsSync(join(context.artifacts, 'convert', file))) continue;
    detectors.set(precision, await openDetector(context.input('convert', file), { engine: 'reference' }));
  }
  if (detectors.size === 0) {
    throw new UserError(join(context.artifacts, 'convert'), 'it holds no detector', 'run the stage convert first');
  }
  return detectors;
}

function detectorFile(precision: string): string {
  return `detector.${precision}.tflite`;
}

async function describeFiles(context: StageContext, detectors: ReadonlyMap<string, Detector>) {
  const detectorDigests: Record<string, string> = {};
  const detectorBytes: Record<string, number> = {};
  for (const precision of detectors.keys()) {
    const path = context.input('convert', detectorFile(precision));
    detectorDigests[precision] = await sha256OfFile(path);
    detectorBytes[precision] = (await stat(path)).size;
  }
  return { detectorDigests, detectorBytes };
}

/** Refuses splits that were used for anything else before, or that are not those the detectors were made from. */
async function checkSplits(
  context: StageContext,
  transform: TransformDocument,
  detectors: ReadonlyMap<string, Detector>,
): Promise<{ uses: SplitUses; paths: Record<SplitPurpose, string> }> {
  const paths = {} as Record<SplitPurpose, string>;
  let uses: SplitUses = transform.splits;
  for (const purpose of SPLIT_PURPOSES) {
    const path = context.input('preprocess', `${purpose}.arrow`);
    const digest = await sha256OfFile(path);
    for (const detector of detectors.values()) useSplit(detector.document.provenance.splits, purpose, path, digest);
    uses = useSplit(uses, purpose, path, digest);
    paths[purpose] = path;
  }
  const { features } = transform.schema;
  for (const [precision, { document }] of detectors) {
    if (document.schema.hash === transform.schema.hash && document.schema.features.length === features.length) continue;
    throw new UserError(
      context.input('convert', detectorFile(precision)),
      'it was made for another schema than transform.json',
      'run the stages again from preprocess',
    );
  }
  return { uses, paths };
}

/** What looks at the rows while they are scored. */
interface Onlookers {
  readonly checks: DataChecks;
  readonly top: TopAnomalies;
  readonly episodes: ReadonlyMap<string, EpisodeReplay>;
  readonly drift: TestDrift;
}

async function scoreSplits(
  paths: Readonly<Record<SplitPurpose, string>>,
  scorers: Scorers,
  { checks, top, episodes, drift }: Onlookers,
  signal: AbortSignal,
): Promise<Splits> {
  const [first] = scorers.detectors.keys();
  // Baselines need calibration rows for their thresholds and test rows for their figures, nothing else.
  const detectorsAlone: Scorers = { ...scorers, baselines: [] };
  const score = (purpose: SplitPurpose, by: Scorers): Promise<ScoredSplit> =>
    scoreSplit(paths[purpose], by, signal, (block, scores) => {
      checks.look(purpose, block);
      if (purpose !== 'test') return;
      top.look(block, scores.get(first!)!);
      drift.look(block, scores.get(first!)!);
      for (const [name, replay] of episodes) replay.look(block, scores.get(name)!);
    });
  return {
    train: await score('train', detectorsAlone),
    validation: await score('validation', detectorsAlone),
    calibration: await score('calibration', scorers),
    test: await score('test', scorers),
  };
}

/** Baselines get their thresholds by the rule and the budget of the first detector. */
function systemScores(
  { detectors, baselines }: Scorers,
  splits: Splits,
  episodes: ReadonlyMap<string, EpisodeReplay>,
  calibrationPath: string,
): { detectors: SystemScores[]; baselines: SystemScores[] } {
  const scoresOf = (name: string): Omit<SystemScores, 'name' | 'description' | 'threshold'> => ({
    train: normalScores(splits.train, name),
    validation: normalScores(splits.validation, name),
    calibration: normalScores(splits.calibration, name)!,
    test: splits.test.scores.get(name)!,
    episodes:
      episodes.get(name)?.finish(splits.test.summary.time?.days ?? null, splits.test.labelled.attackNames) ?? null,
  });
  const [first] = detectors.values();
  const { falseAlarmRate, confidence } = first!.document.threshold;
  return {
    detectors: [...detectors].map(([name, { document }]) => ({
      name,
      description: `EdgeGuard's detector, ${name}`,
      threshold: document.threshold,
      ...scoresOf(name),
    })),
    baselines: baselines.map(({ name, description }) => {
      const scores = scoresOf(name);
      const threshold = conformalThreshold(
        scores.calibration,
        { falseAlarmRate, confidence },
        `${calibrationPath} (baseline ${name})`,
      );
      return { name, description, threshold, ...scores };
    }),
  };
}

async function writeReport(
  context: StageContext,
  { document, grouped }: AssembledEvaluation,
  systems: readonly SystemScores[],
  test: ScoredSplit,
  detectors: ReadonlyMap<string, Detector>,
): Promise<void> {
  const scores = systems.map((system, index) => ({
    result: document.detectors[index]!,
    train: system.train!,
    calibration: system.calibration,
    grouped: grouped[index]!,
    test: system.test,
    episodes: system.episodes,
  }));
  const training = await readHistory(context.input('train', 'history.arrow'));
  const page = renderReport({
    evaluation: document,
    data: reportData(document, scores, test.labelled, training),
    detectors: [...detectors.values()].map((detector) => detector.document),
    verification: await verificationLines(context.input('convert', 'verification.json')),
  });
  const path = context.output.path('report.html');
  try {
    await writeFile(path, page);
  } catch (error) {
    throw fileProblem(path, error);
  }
}
