import { type EpisodeAlert, EpisodeRecorder, RowRunner } from '@edgeguard/detection';
import { loadEngine } from '@edgeguard/tflite/engines';
import type { CalibrationInput } from './calibrate.ts';

const BATCH = 32;

/**
 * Calibration rows above a score as the alert logic would see them, in file order.
 *
 * @param about says when and between whom a row happened
 */
export async function explainedRecords(
  { model, document, scores, blocks }: Pick<CalibrationInput, 'model' | 'document' | 'scores' | 'blocks'>,
  floor: number,
  about: (row: number) => Pick<EpisodeAlert, 'time' | 'source' | 'target' | 'score'>,
): Promise<EpisodeAlert[]> {
  const width = document.schema.features.length;
  const engine = await loadEngine(model, { engine: 'reference', outputs: ['expected', 'feature_error'] });
  engine.resize(BATCH);
  const runner = new RowRunner([engine]);
  const scoring = await loadEngine(model, { engine: 'reference', outputs: ['score'] });
  scoring.resize(1);
  const scorer = new RowRunner([scoring]);
  const recorder = new EpisodeRecorder({
    document,
    score: (rows, count, results) => scorer.run(rows, count, [results]),
  });
  const records: EpisodeAlert[] = [];
  let before = 0;
  try {
    for await (const { rows, count } of blocks()) {
      const above: number[] = [];
      for (let row = 0; row < count; row++) if (scores[before + row]! > floor) above.push(row);
      const values = new Float32Array(above.length * width);
      for (const [i, row] of above.entries()) values.set(rows.subarray(row * width, (row + 1) * width), i * width);
      const expected = new Float32Array(values.length);
      const featureErrors = new Float32Array(values.length);
      runner.run(values, above.length, [expected, featureErrors]);
      for (const [i, row] of above.entries()) {
        const part = (all: Float32Array): Float32Array => all.subarray(i * width, (i + 1) * width);
        const explained = { row: part(values), expected: part(expected), featureErrors: part(featureErrors) };
        records.push(recorder.record(about(before + row), explained));
      }
      before += count;
    }
  } finally {
    runner.dispose();
    scorer.dispose();
  }
  return records;
}
