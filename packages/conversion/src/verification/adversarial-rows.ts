import type { TransformDocument } from '@edgeguard/contracts';

/** A row that no traffic has, with the reason why it is tried. */
export interface AdversarialRow {
  readonly name: string;
  readonly values: Float32Array;
}

/** Magnitudes that arithmetic in float32 stumbles over: subnormals, the smallest normal, the largest. */
const MAGNITUDES = [1e-45, 1e-40, 1.1754944e-38, 1e-20, 1, 16_777_217, 1e20, 3.4028235e38] as const;

/**
 * Rows that try the borders of the arithmetic: zeros, train minima and maxima and far beyond, subnormals, the largest
 * floats, negative values, unknown and impossible categories, and each feature alone at an extreme. Finite float32
 * values all; the same for the same transform.
 */
export function adversarialRows(transform: TransformDocument): AdversarialRow[] {
  const { features } = transform.schema;
  const { profile } = transform;
  const rows: AdversarialRow[] = [];
  const add = (name: string, value: (feature: number) => number): void => {
    rows.push({ name, values: Float32Array.from(features, (_, f) => clampFloat32(value(f))) });
  };
  const isCategory = (f: number): boolean => features[f]!.kind === 'category';
  const numbers = (f: number, value: number): number => (isCategory(f) ? profile[f]!.p50 : value);

  add('zeros', () => 0);
  add('median', (f) => profile[f]!.p50);
  add('minimum of train', (f) => profile[f]!.min);
  add('maximum of train', (f) => profile[f]!.max);
  add('ten times the maximum', (f) => numbers(f, profile[f]!.max * 10 + 1));
  add('alternating minimum and maximum', (f) => (f % 2 === 0 ? profile[f]!.min : profile[f]!.max));
  for (const magnitude of MAGNITUDES) {
    add(`${magnitude}`, (f) => numbers(f, magnitude));
    add(`-${magnitude}`, (f) => numbers(f, -magnitude));
    add(`alternating ${magnitude}`, (f) => numbers(f, f % 2 === 0 ? magnitude : -magnitude));
  }
  for (const code of [0, -1, 0.5, 1.5, 1e6]) {
    add(`categories ${code}`, (f) => (isCategory(f) ? code : profile[f]!.p50));
  }
  for (const [index, feature] of features.entries()) {
    const alone = (name: string, value: number): void =>
      add(`${feature.name} ${name}`, (f) => (f === index ? value : profile[f]!.p50));
    if (feature.kind === 'category') {
      const size = transform.vocabularies[feature.name]?.length ?? 1;
      alone('last category', size);
      alone('beyond the last category', size + 1);
    } else {
      alone('minimum', profile[index]!.min);
      alone('maximum', profile[index]!.max);
      alone('far beyond', profile[index]!.max * 1000 + 1000);
      alone('negative', -1 - Math.abs(profile[index]!.max));
    }
  }
  return rows;
}

function clampFloat32(value: number): number {
  return Math.min(Math.max(value, -3.4028234663852886e38), 3.4028234663852886e38);
}

/** The rows as one matrix [count, F]. */
export function asMatrix(rows: readonly AdversarialRow[], width: number): Float32Array {
  const matrix = new Float32Array(rows.length * width);
  for (const [index, row] of rows.entries()) matrix.set(row.values, index * width);
  return matrix;
}
