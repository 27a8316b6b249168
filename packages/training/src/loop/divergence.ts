import { type TrainConfig, UserError } from '@edgeguard/contracts';

/** Throws a UserError that names the remedy when a loss is no longer a number. */
export function assertFinite(loss: number, epoch: number, config: TrainConfig): void {
  if (Number.isFinite(loss)) return;
  throw new UserError(
    'train',
    `training diverged: the loss is no longer a number in epoch ${epoch}`,
    `lower train.learningRate (now ${config.learningRate})`,
  );
}
