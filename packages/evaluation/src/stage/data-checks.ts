import type { TransformDocument } from '@edgeguard/contracts';
import { decileEdges, FeatureBins } from '@edgeguard/detection';
import { hashRows } from '../checks/row-hash.ts';
import { RowSample } from '../checks/row-sample.ts';
import { findSharedRows, type SharedRows } from '../checks/shared-rows.ts';
import { separateAlone } from '../checks/single-features.ts';
import type { EvaluationDocument, SplitSummary } from '../evaluation-document.ts';
import { labelCode, type LabelledRows } from '../metrics/labelled-rows.ts';
import { GrowingArray } from './growing-array.ts';
import type { RowBlock } from './read-blocks.ts';

/** Rows of each kind on which single features are looked at. */
const SAMPLE_ROWS = 20_000;
/** A feature that separates at least so well alone deserves a look at how the data was made. */
const SUSPICIOUS_ROC_AUC = 0.99;

const SPLITS = ['train', 'validation', 'calibration', 'test'] as const;
type Split = (typeof SPLITS)[number];

/** Looks at the raw rows of all splits for what would make figures say more than they should. */
export class DataChecks {
  readonly #names: readonly string[];
  readonly #bins: FeatureBins;
  readonly #counts: Record<Split, Uint32Array>;
  readonly #hashes: Record<Split, GrowingArray<Float64Array>>;
  readonly #groups: { readonly calibration: Set<string>; readonly test: Set<string> } = {
    calibration: new Set(),
    test: new Set(),
  };
  readonly #normal: RowSample;
  readonly #attack: RowSample;

  /** @param train a sample of raw train rows, for the edges of the bins */
  constructor(transform: TransformDocument, train: RowSample, seed: number) {
    const width = transform.schema.features.length;
    this.#names = transform.schema.features.map(({ name }) => name);
    this.#bins = new FeatureBins(this.#names.map((_, column) => decileEdges(train.sortedColumn(column))));
    const ofEach = <T>(make: () => T): Record<Split, T> => ({
      train: make(),
      validation: make(),
      calibration: make(),
      test: make(),
    });
    this.#counts = ofEach(() => this.#bins.start());
    this.#hashes = ofEach(() => new GrowingArray<Float64Array>((length) => new Float64Array(length)));
    this.#normal = new RowSample(SAMPLE_ROWS, width, seed);
    this.#attack = new RowSample(SAMPLE_ROWS, width, seed);
  }

  /** Takes a block of a split. */
  look(split: Split, { rows, count, label, groupNames }: RowBlock): void {
    const width = this.#names.length;
    const hashes = new Float64Array(count);
    hashRows(rows, count, width, hashes);
    this.#hashes[split].push(hashes);
    if (split === 'calibration' || split === 'test') {
      for (const name of groupNames) this.#groups[split].add(name);
    }
    const normal = labelCode('normal');
    const attack = labelCode('attack');
    for (let row = 0; row < count; row++) {
      if (label[row] === normal) this.#bins.add(this.#counts[split], rows, row * width);
      if (split !== 'test') continue;
      if (label[row] === normal) this.#normal.add(rows, row * width);
      if (label[row] === attack) this.#attack.add(rows, row * width);
    }
  }

  /** Test rows that occur elsewhere. */
  sharedRows(test: LabelledRows): SharedRows {
    const earlier = (['train', 'validation', 'calibration'] as const).map((split) => this.#hashes[split].finish());
    return findSharedRows(earlier, this.#hashes.test.finish(), test);
  }

  /** What was found, for the document. */
  report(
    shared: SharedRows,
    splits: Readonly<Record<Split, SplitSummary>>,
    testDrift: EvaluationDocument['dataChecks']['testDrift'],
  ): EvaluationDocument['dataChecks'] {
    const separation = separateAlone(this.#names, this.#normal, this.#attack);
    return {
      sharedRows: {
        normalSeenBefore: shared.normalSeenBefore,
        attackSeenBefore: shared.attackSeenBefore,
        repeated: shared.repeated,
      },
      singleFeatures: separation.slice(0, 10),
      suspiciousFeatures: separation.filter(({ rocAuc }) => rocAuc >= SUSPICIOUS_ROC_AUC).map(({ feature }) => feature),
      timeOrder: timeOrder(splits),
      drift: this.#names.map((feature, column) => {
        const since = (split: Split): number => this.#bins.stability(column, this.#counts.train, this.#counts[split]);
        return { feature, validation: since('validation'), calibration: since('calibration'), test: since('test') };
      }),
      testDrift,
      testApart: this.#testApart(),
    };
  }

  #testApart(): boolean | null {
    const { calibration, test } = this.#groups;
    return calibration.size === 0 || test.size === 0 ? null : ![...test].some((name) => calibration.has(name));
  }
}

/** Whether each split ends before the next begins. */
function timeOrder(splits: Readonly<Record<Split, SplitSummary>>): 'ordered' | 'overlapping' | null {
  const times = SPLITS.map((split) => splits[split].time);
  if (times.some((time) => time === null)) return null;
  const ordered = times.every((time, i) => i === 0 || BigInt(times[i - 1]!.last) <= BigInt(time!.first));
  return ordered ? 'ordered' : 'overlapping';
}
