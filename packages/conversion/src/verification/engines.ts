import { RowRunner } from '@edgeguard/detection';
import { TfliteError } from '@edgeguard/tflite';
import { type Engine, type EngineName, loadEngine } from '@edgeguard/tflite/engines';
import { GATE_BATCH } from './limits.ts';
import type { VerifiedEngine } from './verification-document.ts';

/** Engines that the gate asks, the one that thresholds are computed with first. */
export const GATE_ENGINES = ['reference', 'native', 'wasm'] as const satisfies readonly EngineName[];

/** Results of an artifact for some rows. */
export interface ArtifactResult {
  readonly score: Float32Array;
  readonly expected: Float32Array;
  readonly featureErrors: Float32Array;
}

/** An engine with a whole artifact and with the part of it that only scores. */
export interface LoadedArtifact {
  readonly engine: VerifiedEngine & { readonly name: EngineName };
  /** Everything the artifact computes for `count` rows. */
  readonly all: (rows: Float32Array, count: number, featureCount: number) => ArtifactResult;
  /** Scores alone, by the smaller graph that runs at the edge. */
  readonly score: (rows: Float32Array, count: number) => Float32Array;
  readonly dispose: () => void;
}

/** Loads an artifact into an engine, or says why that engine cannot. */
export async function loadArtifact(bytes: Uint8Array, name: EngineName): Promise<LoadedArtifact | VerifiedEngine> {
  const opened: Engine[] = [];
  try {
    for (const outputs of [['score', 'expected', 'feature_error'], ['score']]) {
      const engine = await loadEngine(bytes, { engine: name, outputs });
      opened.push(engine);
      engine.resize(GATE_BATCH);
    }
  } catch (error) {
    for (const engine of opened) engine.dispose();
    if (error instanceof TfliteError) return { name, detail: error.message, available: false };
    throw error;
  }
  const [whole, scoring] = opened.map((engine) => new RowRunner([engine]));
  return {
    engine: { name, detail: opened[0]!.detail, available: true },
    all: (rows, count, featureCount) => {
      const result = {
        score: new Float32Array(count),
        expected: new Float32Array(count * featureCount),
        featureErrors: new Float32Array(count * featureCount),
      };
      whole!.run(rows, count, [result.score, result.expected, result.featureErrors]);
      return result;
    },
    score: (rows, count) => {
      const scores = new Float32Array(count);
      scoring!.run(rows, count, [scores]);
      return scores;
    },
    dispose: () => {
      whole!.dispose();
      scoring!.dispose();
    },
  };
}

/** True where {@link loadArtifact} could load. */
export function isLoaded(artifact: LoadedArtifact | VerifiedEngine): artifact is LoadedArtifact {
  return 'dispose' in artifact;
}
