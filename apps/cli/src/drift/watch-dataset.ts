import { contextColumns, DatasetReader } from '@edgeguard/contracts/arrow';
import type { Detector, DriftMonitor, RowThresholds } from '@edgeguard/detection';
import { RowEncoder } from '@edgeguard/transform';

/**
 * Shows all rows of a dataset to a monitor, in file order. Where rows have no time, the row's number stands for it; where
 * they do not say who talks to whom, each alarm is about ends of its own.
 *
 * @returns whether rows have a time
 */
export async function watchDataset(
  path: string,
  detector: Detector,
  thresholds: RowThresholds,
  monitor: DriftMonitor,
  signal: AbortSignal,
): Promise<boolean> {
  const reader = await DatasetReader.open(path);
  try {
    const { featureCount: width, document } = detector;
    const encoder = new RowEncoder(reader.schema, document, path);
    const { time, ends } = contextColumns(reader.schema);
    let number = 0;
    for await (const batch of reader.batches()) {
      signal.throwIfAborted();
      const rows = new Float32Array(batch.length * width);
      const scores = new Float32Array(batch.length);
      encoder.encode(batch, rows);
      detector.score(rows, batch.length, scores);
      const times = time === undefined ? undefined : batch.bigints(time);
      const names = ends && ([batch.strings(ends[0]), batch.strings(ends[1])] as const);
      for (let row = 0; row < batch.length; row++, number++) {
        const score = scores[row]!;
        if (Number.isNaN(score)) {
          monitor.addNotFinite();
          continue;
        }
        const seconds = times ? Number(times[row]!) / 1e9 : number + 1;
        const source = names?.[0][row] ?? `row ${number}`;
        const alarm =
          score > thresholds.of(rows, row * width) ? { source, target: names?.[1][row] ?? source } : undefined;
        monitor.add(rows, row * width, score, seconds, alarm);
      }
    }
    return time !== undefined;
  } finally {
    await reader.close();
  }
}
