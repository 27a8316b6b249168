import { createProgress, type Logger, type Progress } from '@edgeguard/contracts/stage';
import type { TrainedAutoencoder } from './loop/train-autoencoder.ts';
import type { EpochLoss } from './loop/training-state.ts';

/** Lines that a run writes at most where there is no progress bar, beside the last. */
const LINES = 12;

/** Shows how training goes: a bar with loss, rows per second and time left on a terminal, else a line now and then. */
export class TrainingMonitor {
  readonly #log: Logger;
  readonly #epochs: number;
  readonly #rowsPerEpoch: number;
  readonly #progress: Progress;
  readonly #started = performance.now();
  #shown = { loss: '-', validation: '-' };

  constructor(log: Logger, epochs: number, rowsPerEpoch: number) {
    this.#log = log;
    this.#epochs = epochs;
    this.#rowsPerEpoch = rowsPerEpoch;
    this.#progress = createProgress('train', epochs * rowsPerEpoch, ['epoch', 'loss', 'validation', 'rows/s']);
  }

  rows(epoch: number, rows: number, loss: number): void {
    this.#shown.loss = loss.toPrecision(4);
    this.#update(epoch, (epoch - 1) * this.#rowsPerEpoch + rows);
  }

  epoch({ epoch, train, validation }: EpochLoss): void {
    this.#shown = { loss: train.toPrecision(4), validation: validation.toPrecision(4) };
    this.#update(epoch, epoch * this.#rowsPerEpoch);
    if (process.stderr.isTTY || (epoch > 1 && epoch % Math.ceil(this.#epochs / LINES) !== 0)) return;
    this.#log.info(`epoch ${epoch} of ${this.#epochs}: loss ${this.#shown.loss}, validation ${this.#shown.validation}`);
  }

  finish({ history, bestEpoch }: TrainedAutoencoder): void {
    this.stop();
    const best = history[bestEpoch - 1]!;
    const stopped = history.length < this.#epochs ? ', stopped early' : '';
    const rate = this.#rate(history.length * this.#rowsPerEpoch);
    this.#log.info(
      `${history.length} epochs${stopped}; best ${bestEpoch} with validation loss ${best.validation.toPrecision(4)}; ${rate} rows/s`,
    );
  }

  stop(): void {
    this.#progress.stop();
  }

  #update(epoch: number, done: number): void {
    this.#progress.update(done, { epoch: String(epoch), ...this.#shown, 'rows/s': this.#rate(done) });
  }

  #rate(rows: number): string {
    const seconds = (performance.now() - this.#started) / 1000;
    return Math.round(rows / Math.max(seconds, 1e-3)).toLocaleString('en-US');
  }
}
