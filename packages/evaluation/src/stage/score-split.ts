import type { TransformDocument } from '@edgeguard/contracts';
import { type Detector, observedTime } from '@edgeguard/detection';
import { TransformEvaluator } from '@edgeguard/transform';
import { type Baseline, unclipped } from '../baselines/baseline.ts';
import { TrainStatisticsBuilder, type TrainStatistics } from '../baselines/train-statistics.ts';
import type { SplitSummary } from '../evaluation-document.ts';
import { labelCode, type LabelledRows } from '../metrics/labelled-rows.ts';
import { type Scores, sortScores } from '../metrics/scores.ts';
import { RowSample } from '../checks/row-sample.ts';
import { AttackNames } from './attack-names.ts';
import { GrowingArray } from './growing-array.ts';
import { readBlocks, type RowBlock } from './read-blocks.ts';

/** The rows of a split with the scores that every system gave them. */
export interface ScoredSplit {
  readonly labelled: LabelledRows;
  /** Place of each row in the dataset. */
  readonly place: Uint32Array;
  /** Number of each row's group or file; absent where there is none. */
  readonly group: Uint32Array | undefined;
  /** Scores in row order, by the system's name. */
  readonly scores: ReadonlyMap<string, Float32Array>;
  readonly summary: SplitSummary;
}

/** What gives scores to raw rows. */
export interface Scorers {
  readonly transform: TransformDocument;
  readonly detectors: ReadonlyMap<string, Detector>;
  readonly baselines: readonly Baseline[];
}

/** Looks at every block of rows as it passes. */
export type Onlooker = (block: RowBlock, scores: ReadonlyMap<string, Float32Array>) => void;

/** Scores all rows of a split in one pass. */
export async function scoreSplit(
  path: string,
  { transform, detectors, baselines }: Scorers,
  signal: AbortSignal,
  onlooker: Onlooker = () => undefined,
): Promise<ScoredSplit> {
  const names = new AttackNames();
  const inputsOf = new BaselineInputs(transform);
  const label = new GrowingArray<Uint8Array>((length) => new Uint8Array(length));
  const attack = new GrowingArray<Uint16Array>((length) => new Uint16Array(length));
  const place = new GrowingArray<Uint32Array>((length) => new Uint32Array(length));
  const time = new GrowingArray<BigInt64Array>((length) => new BigInt64Array(length));
  const group = new GrowingArray<Uint32Array>((length) => new Uint32Array(length));
  const columns = new Map(
    [...detectors.keys(), ...baselines.map(({ name }) => name)].map((name) => [
      name,
      new GrowingArray<Float32Array>((length) => new Float32Array(length)),
    ]),
  );
  let rows = 0;
  let notFinite = 0;
  let hasTime = false;
  let hasGroup = false;
  for await (const block of readBlocks(path, transform, names, signal)) {
    const scores = new Map<string, Float32Array>();
    for (const [name, detector] of detectors) {
      const out = new Float32Array(block.count);
      detector.score(block.rows, block.count, out);
      scores.set(name, out);
    }
    if (baselines.length > 0) {
      const inputs = inputsOf.compute(block);
      for (const baseline of baselines) {
        const out = new Float32Array(block.count);
        baseline.score(inputs, block.count, out, block.rows);
        scores.set(baseline.name, out);
      }
    }
    for (const [name, values] of scores) columns.get(name)!.push(values);
    label.push(block.label);
    attack.push(block.attack);
    place.push(block.place);
    if (block.time) time.push(block.time);
    if (block.group) group.push(block.group);
    hasTime ||= block.time !== undefined;
    hasGroup ||= block.group !== undefined;
    rows += block.count;
    notFinite += block.notFinite;
    onlooker(block, scores);
  }
  const labelled: LabelledRows = {
    rows,
    label: label.finish(),
    attack: attack.finish(),
    attackNames: names.names,
    time: hasTime ? time.finish() : undefined,
  };
  return {
    labelled,
    place: place.finish(),
    group: hasGroup ? group.finish() : undefined,
    scores: new Map([...columns].map(([name, column]) => [name, column.finish()])),
    summary: summaryOf(labelled, notFinite),
  };
}

/** Rows of the sample that the edges of feature bins are taken from. */
const RAW_SAMPLE_ROWS = 8192;

/** What a first look at the train split gives: what baselines are fitted on, and an even sample of raw rows. */
export async function lookAtTrain(
  path: string,
  transform: TransformDocument,
  seed: number,
  signal: AbortSignal,
): Promise<{ statistics: TrainStatistics; sample: RowSample }> {
  const inputsOf = new BaselineInputs(transform);
  const width = transform.schema.features.length;
  const builder = new TrainStatisticsBuilder(transform.outputs.length, seed);
  const sample = new RowSample(RAW_SAMPLE_ROWS, width, seed);
  for await (const block of readBlocks(path, transform, new AttackNames(), signal)) {
    builder.add(inputsOf.compute(block), block.count);
    for (let row = 0; row < block.count; row++) sample.add(block.rows, row * width);
  }
  return { statistics: builder.finish(), sample };
}

/** The scores of the normal rows of a split, ascending; null where the system did not score that split. */
export function normalScores(split: ScoredSplit, system: string): Scores | null {
  const normal = labelCode('normal');
  const scores = split.scores.get(system);
  return scores ? sortScores(scores.filter((_, row) => split.labelled.label[row] === normal)) : null;
}

/** Raw rows to what baselines see. */
class BaselineInputs {
  readonly #evaluator: TransformEvaluator;
  readonly #outputs: readonly number[];
  #inputs = new Float32Array(0);
  #excess = new Float32Array(0);

  constructor(transform: TransformDocument) {
    this.#evaluator = new TransformEvaluator(transform);
    this.#outputs = transform.outputs;
  }

  /** [count, D]; the array is reused by the next call. */
  compute({ rows, count }: RowBlock): Float32Array {
    const { inputWidth, outputWidth } = this.#evaluator;
    if (this.#inputs.length < count * outputWidth) {
      this.#inputs = new Float32Array(count * outputWidth);
      this.#excess = new Float32Array(count * inputWidth);
    }
    this.#evaluator.apply(rows, count, this.#inputs, this.#excess);
    unclipped(this.#inputs, this.#excess, count, this.#outputs, inputWidth);
    return this.#inputs;
  }
}

function summaryOf({ rows, label, time }: LabelledRows, notFinite: number): SplitSummary {
  const counts = [0, 0, 0, 0];
  for (const code of label) counts[code]!++;
  const [normal, attack, collateral, unknown] = counts as [number, number, number, number];
  return { rows, normal, attack, collateral, unknown, notFinite, time: time ? observedTime(time) : null };
}
