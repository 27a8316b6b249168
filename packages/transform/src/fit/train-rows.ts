import type { FeatureColumn } from '@edgeguard/contracts';
import type { DatasetBatch } from '@edgeguard/contracts/arrow';
import { markFiniteRows } from '../finite-rows.ts';
import { CategoryCounter } from './category-counter.ts';

/** Turns train rows, while their vocabularies are still being learned, into row-major matrices of finite rows. */
export class TrainRows {
  readonly #features: readonly FeatureColumn[];
  readonly #counters: readonly (CategoryCounter | undefined)[];
  #matrix = new Float32Array(0);
  #mask = new Uint8Array(0);

  constructor(features: readonly FeatureColumn[]) {
    this.#features = features;
    this.#counters = features.map((f) => (f.type === 'utf8' ? new CategoryCounter(f.name) : undefined));
  }

  counter(feature: number): CategoryCounter | undefined {
    return this.#counters[feature];
  }

  /**
   * The finite rows of a batch, utf8 categories by their provisional codes. The matrix is reused by the next call.
   *
   * @returns the number of rows in `matrix`
   */
  take(batch: DatasetBatch | Float32Array): { matrix: Float32Array; count: number } {
    const width = this.#features.length;
    const rows = batch instanceof Float32Array ? Math.floor(batch.length / width) : batch.length;
    if (this.#matrix.length < rows * width) this.#matrix = new Float32Array(rows * width);
    if (this.#mask.length < rows) this.#mask = new Uint8Array(rows);
    const matrix = this.#matrix;
    if (batch instanceof Float32Array) {
      matrix.set(batch.subarray(0, rows * width));
    } else {
      for (const [index, feature] of this.#features.entries()) {
        const values = feature.type === 'utf8' ? undefined : batch.floats(feature.name);
        for (let row = 0, at = index; row < rows; row++, at += width) matrix[at] = values ? values[row]! : 0;
      }
    }
    const finite = markFiniteRows(matrix, rows, width, this.#mask);
    if (!(batch instanceof Float32Array)) this.#encodeCategories(batch, rows);
    if (finite < rows) this.#keepMarked(rows);
    return { matrix, count: finite };
  }

  #encodeCategories(batch: DatasetBatch, rows: number): void {
    const width = this.#features.length;
    for (const [index, counter] of this.#counters.entries()) {
      if (!counter) continue;
      const values = batch.strings(this.#features[index]!.name);
      for (let row = 0, at = index; row < rows; row++, at += width) {
        if (this.#mask[row] === 1) this.#matrix[at] = counter.count(values[row]!);
      }
    }
  }

  #keepMarked(rows: number): void {
    const width = this.#features.length;
    let kept = 0;
    for (let row = 0; row < rows; row++) {
      if (this.#mask[row] === 0) continue;
      this.#matrix.copyWithin(kept * width, row * width, (row + 1) * width);
      kept++;
    }
  }
}
