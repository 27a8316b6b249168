import { writeFile } from 'node:fs/promises';
import { fileProblem, type NormalGroup } from '@edgeguard/contracts';
import type { StageContext, StageDefinition, StageReport } from '@edgeguard/contracts/stage';
import { appendDenseChain, type DenseLayer } from '@edgeguard/tflite/quantize';
import { type ArtifactParts, buildArtifact } from './artifact/build-artifact.ts';
import { normalGroups } from './artifact/normal-groups.ts';
import { budgetInForce, looserThanUsual } from './calibration/budget-in-force.ts';
import { readCalibrationRows } from './calibration/calibration-rows.ts';
import { startDriftBaseline } from './calibration/drift-bins.ts';
import { buildDetectorGraph, type DetectorGraph } from './graph/detector-graph.ts';
import { buildInt8Graph } from './graph/int8-autoencoder.ts';
import { type ConversionInputs, readInputs } from './inputs.ts';
import { countRows, normalRows, sampleRows } from './rows/dataset-rows.ts';
import { readDenseChain } from './source/dense-chain.ts';
import { SourceModel } from './source/source-model.ts';
import { type ComparedRows, comparedRows } from './verification/compared-rows.ts';
import { describeCheck, failureOf } from './verification/failure.ts';
import { COMPARED_ROWS } from './verification/limits.ts';
import {
  type ArtifactVerification,
  VERIFICATION_FILE,
  type VerificationDocument,
} from './verification/verification-document.ts';
import { type Artifact, verifyArtifact } from './verification/verify-artifact.ts';
import { decidingVersions } from './versions.ts';

/** Train rows that int8 is fitted on, and that the bins for drift are made from. */
const TRAIN_ROWS = 25_000;
/** Train rows that are grouped. */
const GROUPED_ROWS = 8192;

/**
 * Stage 4: transform, autoencoder and scorer become one TensorFlow Lite file for each precision, with a threshold set on
 * that very file, and verified against the model that was trained. Nothing leaves the stage unless every check passes.
 */
export const conversionStage: StageDefinition = {
  target: 'convert',
  run: async (context) => {
    const inputs = await readInputs(context);
    const chain = readDenseChain(inputs.autoencoder, inputs.transform.outputs.length);
    const calibration = () => normalRows(inputs.calibrationPath, inputs.transform, context.signal);
    const rows = await countRows(calibration());
    const budget = budgetInForce(context.config.convert.threshold, rows.finite);
    const looser = looserThanUsual(context.config.convert.threshold, budget, rows.finite);
    if (looser !== undefined) context.log.warn(looser);
    const trainSample = await sampleTrain(context, inputs);
    const drift = startDriftBaseline(inputs.transform, trainSample, rows.finite);
    const parts: ArtifactParts = {
      pipeline: context.pipeline,
      seed: context.config.seed,
      versions: decidingVersions(),
      budget,
      inputs,
      calibration,
      calibrationRows: rows.finite,
      normals: await groupTrainRows(context, inputs),
      about: await readCalibrationRows(inputs.calibrationPath, inputs.transform, rows.finite, drift),
      drift,
    };
    const { artifacts, floatThreshold } = await buildArtifacts(context, parts, chain, trainSample);
    const compared = await compareWithSource(parts, chain);
    const verification = await verify(context, artifacts, { compared: compared.rows, calibration, floatThreshold });
    await write(context, artifacts, {
      format: 'edgeguard.verification',
      version: 1,
      source: compared.source,
      rows: {
        calibration: rows.finite,
        compared: compared.rows.normalCount,
        adversarial: compared.rows.count - compared.rows.normalCount,
      },
      artifacts: verification,
    });
    return reportOf(artifacts, verification, rows, parts, looser);
  },
};

type RowSample = Awaited<ReturnType<typeof sampleRows>>;

/** An even sample of train rows, for int8 and for bins. */
async function sampleTrain(context: StageContext, { trainPath, transform }: ConversionInputs): Promise<RowSample> {
  const train = () => normalRows(trainPath, transform, context.signal);
  const { finite } = await countRows(train());
  return sampleRows(train(), transform.schema.features.length, finite, TRAIN_ROWS);
}

/** One artifact for each precision of the config. The float32 one is made in any case: int8 is measured against it. */
async function buildArtifacts(
  context: StageContext,
  parts: ArtifactParts,
  chain: readonly DenseLayer[],
  trainSample: RowSample,
): Promise<{ artifacts: Artifact[]; floatThreshold: number }> {
  const { transform, scorer } = parts.inputs;
  const { precisions } = context.config.convert;
  const floatGraph = buildDetectorGraph({
    transform,
    scorer,
    autoencoder: (g, x) => appendDenseChain(g, x, chain, 'autoencoder'),
  });
  const float = await buildArtifact(parts, 'float32', floatGraph);
  const artifacts: Artifact[] = precisions.includes('float32') ? [float] : [];
  if (precisions.includes('int8')) artifacts.push(await int8Artifact(context, parts, chain, floatGraph, trainSample));
  return { artifacts, floatThreshold: float.threshold };
}

async function int8Artifact(
  context: StageContext,
  parts: ArtifactParts,
  chain: readonly DenseLayer[],
  floatGraph: DetectorGraph,
  sample: RowSample,
): Promise<Artifact> {
  const { transform, scorer } = parts.inputs;
  const graph = buildInt8Graph({
    transform,
    scorer,
    chain,
    floatModel: floatGraph.model,
    trainRows: sample.rows,
    trainCount: sample.count,
  });
  const tried = Object.entries(graph.report.candidates).map(([name, rank]) => `${name} ${rank.toFixed(4)}`);
  context.log.info(`int8: rank correlation with float32 on held-out train rows: ${tried.join(', ')}`);
  const { int8, float32, ratio } = graph.report.autoencoderBytes;
  context.log.info(`int8: weights and biases of ${int8} bytes, ${(100 * ratio).toFixed(1)} % of float32's ${float32}`);
  return buildArtifact(parts, 'int8', graph, graph.report);
}

async function groupTrainRows(context: StageContext, inputs: ConversionInputs): Promise<NormalGroup[]> {
  const { transform, trainPath } = inputs;
  const train = () => normalRows(trainPath, transform, context.signal);
  const { finite } = await countRows(train());
  const sample = await sampleRows(train(), transform.schema.features.length, finite, GROUPED_ROWS);
  return normalGroups(transform, sample.rows, sample.count, context.config.seed);
}

/** Lets the model that was trained compute the rows that artifacts are compared on. */
async function compareWithSource(
  { inputs, calibration, calibrationRows }: ArtifactParts,
  chain: readonly DenseLayer[],
): Promise<{ rows: ComparedRows; source: string }> {
  const { transform, scorer, autoencoder } = inputs;
  const model = await SourceModel.load(autoencoder);
  try {
    const width = transform.schema.features.length;
    const normal = await sampleRows(calibration(), width, calibrationRows, COMPARED_ROWS);
    const rows = comparedRows(transform, scorer, model, namesOf(chain), normal);
    return { rows, source: model.detail };
  } finally {
    model.dispose();
  }
}

function namesOf(chain: readonly DenseLayer[]): string[] {
  return chain.map(({ name }) => name);
}

/** Verifies every artifact. Throws the first failure, after the log has them all. */
async function verify(
  context: StageContext,
  artifacts: readonly Artifact[],
  rows: Parameters<typeof verifyArtifact>[1],
): Promise<ArtifactVerification[]> {
  const found: ArtifactVerification[] = [];
  for (const artifact of artifacts) {
    context.signal.throwIfAborted();
    const verification = await verifyArtifact(artifact, rows);
    found.push(verification);
    for (const { name, available, detail } of verification.engines) {
      if (!available) context.log.warn(`${artifact.file} was not verified on the engine ${name}: ${detail}`);
    }
    for (const check of verification.checks) {
      if (!check.passed) context.log.error(`${artifact.file}: ${describeCheck(check)}`);
    }
  }
  for (const verification of found) {
    const failure = failureOf(verification);
    if (failure) throw failure;
  }
  return found;
}

async function write(
  { output }: StageContext,
  artifacts: readonly Artifact[],
  verification: VerificationDocument,
): Promise<void> {
  for (const { file, bytes } of artifacts) {
    try {
      await writeFile(output.path(file), bytes);
    } catch (error) {
      throw fileProblem(output.path(file), error);
    }
  }
  await output.writeJson(VERIFICATION_FILE, verification);
}

function reportOf(
  artifacts: readonly Artifact[],
  verification: readonly ArtifactVerification[],
  rows: { finite: number; notFinite: number },
  { versions, budget }: ArtifactParts,
  looser: string | undefined,
): StageReport {
  const promise = `${budget.falseAlarmRate} with ${100 * budget.confidence} % confidence`;
  return {
    rows: { calibration: rows.finite },
    dropped: { 'calibration rows with NaN or infinity': rows.notFinite },
    versions,
    notes: [
      ...(looser === undefined ? [] : [looser]),
      ...artifacts.map(
        ({ file, threshold }, i) =>
          `${file}: threshold ${threshold} for a false alarm rate of at most ${promise}; verified on ${verification[
            i
          ]!.engines.filter(({ available }) => available)
            .map(({ name }) => name)
            .join(', ')}`,
      ),
    ],
  };
}
