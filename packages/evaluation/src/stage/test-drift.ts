import { type Detector, DriftMonitor } from '@edgeguard/detection';
import type { EvaluationDocument } from '../evaluation-document.ts';
import { labelCode } from '../metrics/labelled-rows.ts';
import type { RowBlock } from './read-blocks.ts';

/** Signals that are kept. */
const MAX_MOVED = 20;

/** Shows the normal rows of the test split to the drift monitor of a detector: whether they are traffic like calibration's. */
export class TestDrift {
  readonly #detector: Detector;
  readonly #monitor: DriftMonitor | undefined;

  constructor(detector: Detector) {
    const { document } = detector;
    this.#detector = detector;
    this.#monitor = document.calibration?.drift && new DriftMonitor(document, document.threshold.expectedRate);
  }

  /** Takes a block with the scores of its rows. */
  look(block: RowBlock, scores: Float32Array): void {
    const { featureCount: width, document } = this.#detector;
    const normal = labelCode('normal');
    for (let row = 0; this.#monitor && row < block.count; row++) {
      if (block.label[row] !== normal) continue;
      const score = scores[row]!;
      const place = block.place[row]!;
      const seconds = block.time ? Number(block.time[row]! / 1_000_000n) / 1000 : place;
      // Without ends each alarm is about ends of its own: none is the one source of all.
      const ends = (): { source: string; target: string } =>
        block.hasEnds ? block.endsOf(row) : { source: `row ${place}`, target: `row ${place}` };
      this.#monitor.add(block.rows, row * width, score, seconds, score > document.threshold.value ? ends() : undefined);
    }
  }

  finish(): EvaluationDocument['dataChecks']['testDrift'] {
    if (!this.#monitor) return null;
    const { state, cause, blocks, blockRows, signals } = this.#monitor.report();
    const moved = signals
      .filter((signal) => signal.blocks > 0)
      .sort((a, b) => b.blocks - a.blocks)
      .slice(0, MAX_MOVED);
    return {
      state,
      cause: cause ?? null,
      blockRows,
      blocks,
      moved: moved.map(({ name, blocks: count }) => ({ name, blocks: count })),
    };
  }
}
