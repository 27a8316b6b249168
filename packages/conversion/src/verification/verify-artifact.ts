import { type Precision, sha256 } from '@edgeguard/contracts';
import type { EngineName } from '@edgeguard/tflite/engines';
import type { RowBlock } from '../rows/dataset-rows.ts';
import {
  DecisionComparison,
  floatChecks,
  independenceCheck,
  int8EngineCheck,
  int8GraphChecks,
  int8RankCheck,
  layerChecks,
} from './checks.ts';
import type { ComparedRows } from './compared-rows.ts';
import { type ArtifactResult, GATE_ENGINES, isLoaded, loadArtifact, type LoadedArtifact } from './engines.ts';
import { layerDifferences } from './layer-differences.ts';
import { LIMITS } from './limits.ts';
import { reconstructionOf } from './reconstruction.ts';
import { median, scoreScale, worstDifference } from './score-difference.ts';
import type { ArtifactVerification, VerificationCheck, VerifiedEngine } from './verification-document.ts';

/** A detector file as it would leave the stage, with what its calibration found. */
export interface Artifact {
  readonly file: string;
  readonly precision: Precision;
  readonly bytes: Uint8Array;
  readonly modelDigest: string;
  readonly threshold: number;
  /** Name of the tensor that leaves the autoencoder. */
  readonly reconstruction: string;
  /** Scores of all calibration rows in order, by the reference engine on these very bytes. */
  readonly calibrationScores: Float32Array;
  readonly quantisation?: ArtifactVerification['quantisation'];
}

/** What artifacts are verified on. */
export interface VerificationRows {
  readonly compared: ComparedRows;
  /** All calibration rows, in order. */
  readonly calibration: () => AsyncIterable<RowBlock>;
  /** The threshold that the float32 artifact has. */
  readonly floatThreshold: number;
  /** Engines to ask; for tests. */
  readonly engines?: readonly EngineName[];
}

/**
 * Compares an artifact with its source on every engine: scores, shares and expected values on normal and adversarial
 * rows, and decisions on every calibration row.
 */
export async function verifyArtifact(artifact: Artifact, rows: VerificationRows): Promise<ArtifactVerification> {
  const { compared } = rows;
  const features = compared.transform.schema.features.length;
  const engines: VerifiedEngine[] = [];
  const layers = layerDifferences(artifact.bytes, compared.rows, compared.layers.count, compared.layers.outputs);
  const checks: VerificationCheck[] = artifact.precision === 'float32' ? layerChecks(layers) : [];
  const figures: Record<string, number> = {};
  let reference: ArtifactResult | undefined;
  for (const name of rows.engines ?? GATE_ENGINES) {
    const loaded = await loadArtifact(artifact.bytes, name);
    if (!isLoaded(loaded)) {
      engines.push(loaded);
      continue;
    }
    engines.push(loaded.engine);
    try {
      const found = loaded.all(compared.rows, compared.count, features);
      reference ??= found;
      checks.push(...precisionChecks(artifact, name, compared, found, reference));
      if (name !== 'reference') checks.push(...(await decisionChecks(artifact, rows, loaded)));
    } finally {
      loaded.dispose();
    }
  }
  checks.push(independenceCheck(engines.filter(({ name, available }) => available && name !== 'reference').length));
  if (reference) Object.assign(figures, scoreFigures(artifact, rows, reference));
  return {
    file: artifact.file,
    precision: artifact.precision,
    sha256: sha256(artifact.bytes),
    modelDigest: artifact.modelDigest,
    bytes: artifact.bytes.length,
    ...(artifact.quantisation ? { quantisation: artifact.quantisation } : {}),
    engines,
    checks,
    layers,
    figures,
    passed: checks.every(({ passed }) => passed),
  };
}

function precisionChecks(
  artifact: Artifact,
  engine: EngineName,
  rows: ComparedRows,
  found: ArtifactResult,
  reference: ArtifactResult,
): VerificationCheck[] {
  if (artifact.precision === 'float32') return floatChecks(engine, rows, found);
  const rank = int8RankCheck(engine, rows, found);
  if (found !== reference) return [rank, int8EngineCheck(engine, rows, found, reference)];
  const reconstruction = reconstructionOf(artifact.bytes, artifact.reconstruction, rows.rows, rows.count);
  return [rank, ...int8GraphChecks(engine, rows, found, reconstruction)];
}

async function decisionChecks(
  artifact: Artifact,
  { compared, calibration }: VerificationRows,
  loaded: LoadedArtifact,
): Promise<VerificationCheck[]> {
  const comparison = new DecisionComparison(artifact.precision, artifact.threshold, compared.medianScore);
  let first = 0;
  for await (const { rows, count } of calibration()) {
    comparison.add(loaded.score(rows, count), artifact.calibrationScores.subarray(first, first + count));
    first += count;
  }
  return comparison.checks(loaded.engine.name);
}

/** Figures that describe an artifact without a demand on them. */
function scoreFigures(
  { calibrationScores, threshold }: Artifact,
  { compared, floatThreshold }: VerificationRows,
  reference: ArtifactResult,
): Record<string, number> {
  const normal = compared.normalCount;
  const scale = (row: number): number => scoreScale(compared.source.score[row]!, compared.medianScore);
  const differences = Array.from(
    { length: normal },
    (_, row) => Math.abs(reference.score[row]! - compared.source.score[row]!) / scale(row),
  );
  const above = (limit: number): number => {
    let count = 0;
    for (const score of calibrationScores) if (score > limit) count++;
    return calibrationScores.length === 0 ? 0 : count / calibrationScores.length;
  };
  const typical = median(compared.leverage.subarray(0, normal)) / Math.max(compared.medianScore, Number.MIN_VALUE);
  return {
    medianScore: median(calibrationScores),
    // How many times as large as the score's own the relative rounding of reconstructions can become in it.
    medianLeverage: typical,
    shareOfRowsBeyondScoreLimit: differences.filter((value) => value > LIMITS.scoreError).length / Math.max(1, normal),
    medianRelativeScoreDifference: median(differences),
    largestRelativeScoreDifference: worstDifference(reference.score, compared.source.score, normal, 1, scale).value,
    threshold,
    falseAlarmRateOfOwnThreshold: above(threshold),
    falseAlarmRateOfFloatThreshold: above(floatThreshold),
  };
}
