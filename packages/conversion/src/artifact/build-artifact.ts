import type { DetectorDocument, NormalGroup, Precision, ScorerDocument } from '@edgeguard/contracts';
import {
  type AlarmBudget,
  conformalThreshold,
  type DriftBaselineBuilder,
  pValueTable,
  writeDetectorFile,
} from '@edgeguard/detection';
import { modelDigest, withMetadata } from '@edgeguard/tflite/metadata';
import { writeModel } from '@edgeguard/tflite/model';
import { calibrate } from '../calibration/calibrate.ts';
import type { CalibrationRows } from '../calibration/calibration-rows.ts';
import type { DetectorGraph } from '../graph/detector-graph.ts';
import type { ConversionInputs } from '../inputs.ts';
import type { RowBlock } from '../rows/dataset-rows.ts';
import type { Artifact } from '../verification/verify-artifact.ts';
import { baselinesOf } from './baselines.ts';
import { modelDescription } from './model-description.ts';
import { referenceScores } from './reference-scores.ts';

/** What all artifacts of a run share. */
export interface ArtifactParts {
  readonly pipeline: string;
  readonly seed: number;
  readonly versions: Record<string, string>;
  readonly budget: AlarmBudget;
  readonly inputs: ConversionInputs;
  /** The calibration rows, as often as asked for. */
  readonly calibration: () => AsyncIterable<RowBlock>;
  readonly calibrationRows: number;
  /** Groups of alike train rows. */
  readonly normals: readonly NormalGroup[];
  /** What is known of them beside their features, and blocks of them. */
  readonly about: CalibrationRows;
  readonly drift: DriftBaselineBuilder | undefined;
}

/**
 * A graph calibrated and sealed: its threshold and p-values come from its own scores of the calibration rows. The same
 * parts give the same bytes.
 *
 * @throws UserError when the calibration rows cannot support the budget
 */
export async function buildArtifact(
  parts: ArtifactParts,
  precision: Precision,
  { model, inner }: DetectorGraph,
  quantisation?: Artifact['quantisation'],
): Promise<Artifact> {
  const bytes = writeModel(withMetadata(model, modelDescription(precision)));
  const scores = await referenceScores(bytes, parts.calibration(), parts.calibrationRows);
  const bare = documentOf(parts, precision, scores);
  const { about, calibration: blocks, drift } = parts;
  const calibration = await calibrate({ model: bytes, document: bare, scores, rows: about, blocks, drift });
  const document = { ...bare, calibration };
  return {
    file: `detector.${precision}.tflite`,
    precision,
    bytes: writeDetectorFile(bytes, document),
    modelDigest: modelDigest(bytes),
    threshold: document.threshold.value,
    reconstruction: inner.reconstruction,
    calibrationScores: scores,
    ...(quantisation ? { quantisation } : {}),
  };
}

function documentOf(parts: ArtifactParts, precision: Precision, scores: Float32Array): DetectorDocument {
  const { transform, scorer, metering, splits, digests, calibrationPath } = parts.inputs;
  return {
    format: 'edgeguard.detector',
    version: 1,
    name: parts.pipeline,
    precision,
    schema: transform.schema,
    vocabularies: transform.vocabularies,
    ...(metering ? { metering } : {}),
    scorer: describeScorer(scorer),
    threshold: conformalThreshold(scores, parts.budget, calibrationPath),
    pValues: pValueTable(scores),
    baselines: baselinesOf(transform),
    normals: [...parts.normals],
    provenance: { splits, inputs: digests, seed: parts.seed, versions: parts.versions },
  };
}

function describeScorer({ penalty, evidenceWeight, distance, mean }: ScorerDocument): DetectorDocument['scorer'] {
  if (!distance) return { kind: penalty.kind, evidenceWeight };
  const { weight, residualWeight, centres } = distance;
  return {
    kind: penalty.kind,
    evidenceWeight,
    distance: { centres: centres.length / mean.length, weight, residualWeight },
  };
}
