import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A stage of the pipeline: an Nx target that a package carries out. */
export interface Stage {
  readonly target: StageName;
  readonly package: string;
  /** Targets whose outputs it reads. */
  readonly after: readonly StageName[];
  readonly cached: boolean;
}

const StageNameSchema = z.enum(['collect', 'preprocess', 'train', 'convert', 'evaluate', 'detect']);
export type StageName = z.output<typeof StageNameSchema>;

const StagesFileSchema = z.object({
  stages: z.array(
    z.strictObject({
      target: StageNameSchema,
      package: z.string(),
      after: z.array(StageNameSchema),
      cached: z.boolean(),
    }),
  ),
});

/** All stages in order. The list is JSON because the Nx plugin reads it before anything is built. */
export const STAGES: readonly Stage[] = StagesFileSchema.parse(
  JSON.parse(readFileSync(new URL('../../stages.json', import.meta.url), 'utf8')),
).stages;

/** The stage that carries out a target. */
export function stageOf(target: StageName): Stage {
  const stage = STAGES.find((candidate) => candidate.target === target);
  if (!stage) throw new Error(`no stage ${target}`);
  return stage;
}
