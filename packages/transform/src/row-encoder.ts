import {
  type DatasetSchema,
  type FeatureColumn,
  featuresOf,
  schemaHash,
  type TransformDocument,
  UserError,
} from '@edgeguard/contracts';
import type { DatasetBatch } from '@edgeguard/contracts/arrow';

/** What encoding needs of a transform or of a detector's document. */
export type EncodingDocument = Pick<TransformDocument, 'schema' | 'vocabularies'>;

/**
 * Turns rows of a dataset into the raw row-major matrix [n, F] that a transform and a detector take. Categories become
 * codes 1..n of the transform's vocabulary; a value outside it is 0, unknown.
 */
export class RowEncoder {
  /** F, the number of features. */
  readonly width: number;
  readonly #columns: readonly EncodedColumn[];

  /**
   * @param place names the dataset in errors
   * @throws UserError naming the first feature in which dataset and transform differ
   */
  constructor(dataset: DatasetSchema, transform: EncodingDocument, place: string) {
    const features = featuresOf(dataset);
    if (schemaHash(features) !== transform.schema.hash) throw schemaMismatch(features, transform, place);
    this.width = features.length;
    this.#columns = features.map((feature) => {
      const vocabulary = transform.vocabularies[feature.name] ?? [];
      return {
        name: feature.name,
        codes: feature.type === 'utf8' ? new Map(vocabulary.map((value, index) => [value, index + 1])) : undefined,
        largestCode: feature.kind === 'category' ? vocabulary.length : undefined,
      };
    });
  }

  /** Writes the rows of `batch` to the start of `out`, which has room for batch.length * F values. */
  encode(batch: DatasetBatch, out: Float32Array): void {
    const width = this.width;
    for (const [index, column] of this.#columns.entries()) {
      if (column.codes) {
        const values = batch.strings(column.name);
        for (let row = 0, at = index; row < batch.length; row++, at += width) {
          out[at] = column.codes.get(values[row]!) ?? 0;
        }
        continue;
      }
      const values = batch.floats(column.name);
      for (let row = 0, at = index; row < batch.length; row++, at += width) out[at] = values[row]!;
      if (column.largestCode !== undefined) forgetUnknownCodes(out, index, width, batch.length, column.largestCode);
    }
  }
}

interface EncodedColumn {
  readonly name: string;
  /** Codes of a utf8 category. */
  readonly codes: ReadonlyMap<string, number> | undefined;
  /** The last valid code of a float32 category. */
  readonly largestCode: number | undefined;
}

/** Codes that are no whole number in 1..largest become 0. NaN and infinities stay, for the caller to find. */
function forgetUnknownCodes(out: Float32Array, first: number, width: number, rows: number, largest: number): void {
  for (let row = 0, at = first; row < rows; row++, at += width) {
    const code = out[at]!;
    if (Number.isFinite(code) && !(Number.isInteger(code) && code >= 1 && code <= largest)) out[at] = 0;
  }
}

function schemaMismatch(features: readonly FeatureColumn[], transform: EncodingDocument, place: string): UserError {
  const expected = transform.schema.features;
  const remedy = `use rows of the schema ${transform.schema.name}, or train again on these`;
  for (let i = 0; i < Math.max(features.length, expected.length); i++) {
    const here = features[i];
    const there = expected[i];
    if (!there) return new UserError(place, `feature ${i + 1}, ${here!.name}, is unknown to the transform`, remedy);
    if (!here) return new UserError(place, `feature ${i + 1}, ${there.name}, is missing`, remedy);
    if (here.name !== there.name) {
      return new UserError(place, `feature ${i + 1} is ${here.name} where ${there.name} is expected`, remedy);
    }
    if (here.kind !== there.kind || here.unit !== there.unit) {
      const found = `feature ${here.name} is a ${here.kind} in ${here.unit}`;
      return new UserError(place, `${found} where a ${there.kind} in ${there.unit} is expected`, remedy);
    }
  }
  return new UserError(place, 'the schema differs from the one that the transform was fitted on', remedy);
}
