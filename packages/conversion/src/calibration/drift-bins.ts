import type { TransformDocument } from '@edgeguard/contracts';
import {
  codeEdges,
  decileEdges,
  directionFeatures,
  DriftBaselineBuilder,
  driftBlockRows,
  FeatureBins,
} from '@edgeguard/detection';

/**
 * Starts a drift baseline with the bins of a sample of train rows; undefined where calibration rows are too few.
 *
 * @param train raw train rows [count, F]
 */
export function startDriftBaseline(
  transform: TransformDocument,
  train: { readonly rows: Float32Array; readonly count: number },
  calibrationRows: number,
): DriftBaselineBuilder | undefined {
  const blockRows = driftBlockRows(calibrationRows);
  if (blockRows === undefined || train.count === 0) return undefined;
  const { features } = transform.schema;
  const edges = features.map(({ name, kind }, f) =>
    kind === 'category'
      ? codeEdges((transform.vocabularies[name] ?? []).length)
      : decileEdges(
          Float32Array.from({ length: train.count }, (_, row) => train.rows[row * features.length + f]!).sort(),
        ),
  );
  const bins = new FeatureBins(edges);
  const counts = bins.start();
  for (let row = 0; row < train.count; row++) bins.add(counts, train.rows, row * features.length);
  return new DriftBaselineBuilder(bins, counts, blockRows, directionFeatures(features));
}
