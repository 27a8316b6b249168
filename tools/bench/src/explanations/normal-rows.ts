import { DatasetReader } from '@edgeguard/contracts/arrow';
import type { Detector } from '@edgeguard/detection';
import { RowEncoder } from '@edgeguard/transform';

/** The rows of a split that are labelled normal, raw [count, F]; those with NaN or infinity are left out. */
export async function readNormalRows(path: string, detector: Detector): Promise<{ rows: Float32Array; count: number }> {
  const reader = await DatasetReader.open(path);
  try {
    const encoder = new RowEncoder(reader.schema, detector.document, path);
    const { width } = encoder;
    const parts: Float32Array[] = [];
    let count = 0;
    for await (const batch of reader.batches()) {
      const encoded = new Float32Array(batch.length * width);
      encoder.encode(batch, encoded);
      const labels = batch.strings('label');
      for (let row = 0; row < batch.length; row++) {
        const values = encoded.subarray(row * width, (row + 1) * width);
        if (labels[row] !== 'normal' || !values.every(Number.isFinite)) continue;
        parts.push(values);
        count++;
      }
    }
    const rows = new Float32Array(count * width);
    for (const [row, values] of parts.entries()) rows.set(values, row * width);
    return { rows, count };
  } finally {
    await reader.close();
  }
}
