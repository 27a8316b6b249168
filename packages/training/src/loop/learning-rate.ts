import type { TrainConfig } from '@edgeguard/contracts';

/** Share of the learning rate that a falling schedule ends at. */
const FINAL_SHARE = 0.01;

/**
 * The learning rate at a point of training. The cosine schedule is that of Loshchilov and Hutter 2017 ("SGDR") without
 * restarts.
 *
 * @param progress share of all epochs that is done, 0 to 1
 */
export function learningRateAt(config: TrainConfig, progress: number): number {
  if (config.schedule === 'constant') return config.learningRate;
  const falling = (1 + Math.cos(Math.PI * Math.min(1, progress))) / 2;
  return config.learningRate * (FINAL_SHARE + (1 - FINAL_SHARE) * falling);
}
