import { runStage, type StageDefinition } from '@edgeguard/contracts/stage';
import { locatePipeline } from './locate-pipeline.ts';

type Target = StageDefinition['target'];

const DEFINITIONS: Record<Target, () => Promise<StageDefinition>> = {
  collect: async () => (await import('@edgeguard/collection')).collectionStage,
  preprocess: async () => (await import('@edgeguard/preprocessing')).preprocessingStage,
  train: async () => (await import('@edgeguard/training')).trainingStage,
  convert: async () => (await import('@edgeguard/conversion')).conversionStage,
  evaluate: async () => (await import('@edgeguard/evaluation')).evaluationStage,
};

/** Runs one stage of the pipeline that `name` names. */
export async function runStageOf(
  target: Target,
  name: string,
  artifacts: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const location = locatePipeline(name, artifacts);
  await runStage(await DEFINITIONS[target](), location, signal);
}
