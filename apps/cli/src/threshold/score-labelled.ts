import { UserError } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { type LabelledScores, openDetector } from '@edgeguard/detection';
import { RowEncoder } from '@edgeguard/transform';

/**
 * Scores the normal and attack rows of a dataset. Rows with NaN or infinity have no score and are left out, as are those
 * with other labels.
 *
 * @param detector bytes of the detector file
 * @param features category features whose codes are kept: thresholds are by them
 * @throws UserError for a dataset without labels or attacks, or of another schema
 */
export async function scoreLabelled(
  detector: Uint8Array,
  path: string,
  features: readonly string[],
  signal: AbortSignal,
): Promise<LabelledScores> {
  const opened = await openDetector(detector);
  const reader = await DatasetReader.open(path);
  const scores: number[] = [];
  const attack: number[] = [];
  const codes = new Map(features.map((name): [string, number[]] => [name, []]));
  try {
    const { document, featureCount } = opened;
    const places = new Map(document.schema.features.map(({ name }, f) => [name, f]));
    const encoder = new RowEncoder(reader.schema, document, path);
    if (
      !reader.schema.columns.some(({ name, role, type }) => name === 'label' && role === 'label' && type === 'utf8')
    ) {
      throw new UserError(path, 'its rows have no labels', 'name a dataset with a column "label", such as test.arrow');
    }
    for await (const batch of reader.batches()) {
      signal.throwIfAborted();
      const rows = new Float32Array(batch.length * featureCount);
      const found = new Float32Array(batch.length);
      encoder.encode(batch, rows);
      opened.score(rows, batch.length, found);
      for (const [row, label] of batch.strings('label').entries()) {
        if (Number.isNaN(found[row]) || (label !== 'normal' && label !== 'attack')) continue;
        scores.push(found[row]!);
        attack.push(label === 'attack' ? 1 : 0);
        for (const [name, known] of codes) known.push(rows[row * featureCount + (places.get(name) ?? 0)]!);
      }
    }
  } finally {
    await reader.close();
    opened.dispose();
  }
  if (!attack.includes(1))
    throw new UserError(path, 'it has no attack row with a score', 'name a dataset with attacks');
  return { scores, attack, codes };
}
