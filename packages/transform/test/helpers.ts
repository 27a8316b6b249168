import type { DatasetSchema, FeatureColumn, TransformConfig } from '@edgeguard/contracts';

export const CONFIG: TransformConfig = { clipSigma: 5, deviationFloor: 0.05 };

export function feature(name: string, kind: FeatureColumn['kind'], more: Partial<FeatureColumn> = {}): FeatureColumn {
  return { name, role: 'feature', type: 'float32', kind, unit: '1', ...more };
}

export function schemaOf(...columns: DatasetSchema['columns'][number][]): DatasetSchema {
  return { name: 'test-rows', version: 1, columns };
}

/** Row-major float32 matrix. */
export function matrix(rows: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(rows.flat());
}
