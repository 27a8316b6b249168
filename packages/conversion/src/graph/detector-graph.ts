import type { ScorerDocument, TransformDocument } from '@edgeguard/contracts';
import { GraphBuilder, type TensorHandle } from '@edgeguard/tflite/builder';
import type { Model } from '@edgeguard/tflite/model';
import { lowerInverse } from './lower-inverse.ts';
import { lowerScore } from './lower-score.ts';
import { lowerTransform } from './lower-transform.ts';

/** Names of the detector's input and outputs in its signature `serving_default`. */
export const SIGNATURE = {
  features: 'features',
  score: 'score',
  expected: 'expected',
  featureError: 'feature_error',
} as const;

/** Adds the autoencoder to a graph: model inputs [batch, D] to their reconstruction [batch, D], both float32. */
export type AppendAutoencoder = (g: GraphBuilder, inputs: TensorHandle) => TensorHandle;

/** What a detector's graph is made of. */
export interface DetectorParts {
  readonly transform: TransformDocument;
  readonly scorer: ScorerDocument;
  readonly autoencoder: AppendAutoencoder;
}

/** A detector's graph with the names of two inner tensors [batch, D], for tracing a difference. */
export interface DetectorGraph {
  readonly model: Model;
  readonly inner: { readonly inputs: string; readonly reconstruction: string };
}

/** The whole detector as one graph: raw features to score, expected values and shares of the score. */
export function buildDetectorGraph({ transform, scorer, autoencoder }: DetectorParts): DetectorGraph {
  const g = new GraphBuilder({ description: 'EdgeGuard detector' });
  const featureCount = transform.schema.features.length;
  const features = g.input(SIGNATURE.features, featureCount);
  const lowered = lowerTransform(g, features, transform, scorer.evidenceWeight);
  const reconstruction = autoencoder(g, lowered.inputs);
  const { score, featureErrors } = lowerScore(g, lowered, reconstruction, scorer, transform.outputs, featureCount);
  g.output(SIGNATURE.score, score);
  g.output(SIGNATURE.expected, lowerInverse(g, reconstruction, transform));
  g.output(SIGNATURE.featureError, featureErrors);
  return { model: g.build(), inner: { inputs: lowered.inputs.name, reconstruction: reconstruction.name } };
}
