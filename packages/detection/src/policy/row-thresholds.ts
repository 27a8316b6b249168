import { type DetectorDocument, UserError } from '@edgeguard/contracts';
import type { CategoryThresholds } from './category-thresholds.ts';

/** The threshold of each row: one for all, or one by the row's category. Allocates nothing per row. */
export class RowThresholds {
  readonly #feature: number;
  /** By code; code 0 and codes beyond have that of the rest. */
  readonly #byCode: Float64Array;

  /** @throws UserError when the categories are not those of the detector */
  constructor(document: DetectorDocument, threshold: number, categories?: CategoryThresholds) {
    this.#feature = categories
      ? document.schema.features.findIndex(({ name, kind }) => name === categories.feature && kind === 'category')
      : 0;
    const feature = categories && document.schema.features[this.#feature];
    const names = feature ? (document.vocabularies[feature.name] ?? feature.categories ?? []) : [];
    const foreign = categories?.groups.find(({ code, category }) => names[code - 1] !== category);
    if (this.#feature === -1 || foreign) {
      const what = foreign ? `no category ${foreign.code} "${foreign.category}" of` : 'no category feature';
      throw new UserError('policy', `the detector has ${what} "${categories!.feature}"`, 'choose a threshold again');
    }
    this.#byCode = new Float64Array(names.length + 1).fill(categories?.rest.threshold ?? threshold);
    for (const group of categories?.groups ?? []) this.#byCode[group.code] = group.threshold;
  }

  /** The lowest of all. */
  get lowest(): number {
    return Math.min(...this.#byCode);
  }

  /** Of rows of a category; code 0 is that of unknown ones. */
  ofCode(code: number): number {
    return this.#byCode[code] ?? this.#byCode[0]!;
  }

  /** Of the row [F] that starts at `start`. */
  of(rows: Float32Array, start: number): number {
    const byCode = this.#byCode;
    if (byCode.length === 1) return byCode[0]!;
    return byCode[rows[start + this.#feature]!] ?? byCode[0]!;
  }
}
