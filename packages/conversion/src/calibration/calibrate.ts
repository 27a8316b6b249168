import type { CalibrationDocument, DetectorDocument } from '@edgeguard/contracts';
import {
  categoryScores,
  dayBlocks,
  describeTail,
  type DriftBaselineBuilder,
  type EpisodeAlert,
  episodeCurve,
  observedTime,
} from '@edgeguard/detection';
import type { RowBlock } from '../rows/dataset-rows.ts';
import type { CalibrationRows } from './calibration-rows.ts';
import { explainedRecords } from './explained-records.ts';

/** Records that episodes are replayed with, and their share of calibration rows, at most. */
const MAX_RECORDS = 4000;
const RECORD_SHARE = 0.05;

/** What a calibration is made from. */
export interface CalibrationInput {
  /** The model that ships, and its document without this calibration. */
  readonly model: Uint8Array;
  readonly document: DetectorDocument;
  /** Of all finite calibration rows, in file order. */
  readonly scores: Float32Array;
  readonly rows: CalibrationRows;
  readonly blocks: () => AsyncIterable<RowBlock>;
  readonly drift: DriftBaselineBuilder | undefined;
}

/** Everything that calibration rows say of an artifact beyond its threshold. The same input gives the same document. */
export async function calibrate(input: CalibrationInput): Promise<CalibrationDocument> {
  const { document, scores, rows, drift } = input;
  const { time, ends, categories } = rows;
  const days = time && observedTime(time)?.days;
  return {
    ...(days === undefined ? {} : { days }),
    tail: tailOf(scores, time),
    ...(time ? { blocks: dayBlocks(scores, time, ends?.sources) } : {}),
    ...(time && ends && days !== undefined ? { episodes: await episodesOf(input, time, ends, days) } : {}),
    categories: categories.map((codes) => categoryScores(scores, codes)),
    ...(drift ? { drift: drift.finish(document.pValues, scores) } : {}),
  };
}

/** The tail is declustered in the order of traffic time. */
function tailOf(scores: Float32Array, time: BigInt64Array | undefined): CalibrationDocument['tail'] {
  if (!time) return describeTail(scores);
  const order = Uint32Array.from(scores.keys()).sort((a, b) => compare(time[a]!, time[b]!) || a - b);
  const first = time[order[0]!]!;
  return describeTail(
    Float32Array.from(order, (row) => scores[row]!),
    Float64Array.from(order, (row) => Number(time[row]! - first) / 1e9),
  );
}

async function episodesOf(
  input: CalibrationInput,
  time: BigInt64Array,
  { sources, targets }: NonNullable<CalibrationRows['ends']>,
  days: number,
) {
  const { scores } = input;
  const wanted = Math.min(MAX_RECORDS, Math.ceil(RECORD_SHARE * scores.length));
  const floor = scores.slice().sort()[Math.max(0, scores.length - 1 - wanted)]!;
  const records: EpisodeAlert[] = await explainedRecords(input, floor, (row) => ({
    time: time[row]!,
    source: sources[row]!,
    target: targets[row]!,
    score: scores[row]!,
  }));
  records.sort((a, b) => compare(a.time, b.time));
  return episodeCurve(records, days, floor);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
