import type { FeatureColumn, SplitShares } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { isUsableNormal, type LabelledRows } from '../rows/labelled-rows.ts';
import { hashRows } from '../rows/row-hasher.ts';
import { assertNormalRows } from './assert-enough-rows.ts';
import { SeenRows } from './seen-rows.ts';
import { OUTCOME, type SplitPlan } from './split-plan.ts';
import { assertTestFilesExist } from './test-files.ts';

export interface RandomPlanOptions {
  readonly place: string;
  readonly features: readonly FeatureColumn[];
  /** Column that names the source file; asked for only where there are test files. */
  readonly fileColumn: string | undefined;
  readonly shares: SplitShares;
  readonly seed: number;
  /** Files whose rows are the test split, whole, and nothing else is. */
  readonly test: readonly string[];
}

/**
 * Splits normal rows at random; other rows go to test, where no test file is named. A normal row whose features are in
 * another split already is left out: whoever has seen it in training knows it in the test. A test file stays whole, so that
 * results on it can be compared with those of others; the rows of other files that repeat its normal rows are left out, and
 * so are their attack rows: beside a test file they would change what is said about it.
 *
 * Attack rows take no part in this: leaving out a normal row because it looks like an attack of the test split would
 * let test labels into training.
 */
export async function planAtRandom(
  survey: () => AsyncIterable<LabelledRows>,
  options: RandomPlanOptions,
): Promise<SplitPlan> {
  const { features, fileColumn, shares, test } = options;
  const inTestFile = (rows: LabelledRows): Uint8Array => {
    if (fileColumn === undefined) return new Uint8Array(rows.length);
    return Uint8Array.from(rows.batch.strings(fileColumn), (file) => (test.includes(file) ? 1 : 0));
  };
  const seen = new SeenRows(await countNormalRows(survey(), options));
  if (test.length > 0) {
    for await (const rows of survey()) {
      const { high, low } = hashRows(rows.batch, features);
      const fromTest = inTestFile(rows);
      for (let row = 0; row < rows.length; row++) {
        if (fromTest[row] === 1 && isUsableNormal(rows, row)) seen.add(high[row]!, low[row]!, OUTCOME.test);
      }
    }
  }
  const random = new SeededRandom(options.seed);
  const borders = bordersOf(shares, test.length > 0);
  // Where test files are named, attack rows of others are in train: the writer leaves them out there, and counts them.
  const attacks = test.length > 0 ? OUTCOME.train : OUTCOME.test;
  return {
    part: test.length > 0 ? 'files' : 'share',
    assign(rows, outcomes) {
      const { high, low } = hashRows(rows.batch, features);
      const fromTest = inTestFile(rows);
      for (let row = 0; row < rows.length; row++) {
        if (fromTest[row] === 1 || !isUsableNormal(rows, row)) {
          outcomes[row] = fromTest[row] === 1 ? OUTCOME.test : attacks;
          continue;
        }
        const drawn = random.uniform();
        const split = borders.filter((border) => drawn >= border).length;
        outcomes[row] = seen.add(high[row]!, low[row]!, split) === split ? split : OUTCOME.duplicate;
      }
    },
  };
}

/** Where in [0, 1) validation, calibration and test begin. */
function bordersOf(shares: SplitShares, testIsGiven: boolean): number[] {
  const whole = testIsGiven ? shares.train + shares.validation + shares.calibration : 1;
  const borders = [shares.train / whole, (shares.train + shares.validation) / whole];
  return testIsGiven ? borders : [...borders, shares.train + shares.validation + shares.calibration];
}

async function countNormalRows(
  survey: AsyncIterable<LabelledRows>,
  { place, test, fileColumn }: RandomPlanOptions,
): Promise<number> {
  let normal = 0;
  const files = new Set<string>();
  for await (const rows of survey) {
    for (let row = 0; row < rows.length; row++) if (isUsableNormal(rows, row)) normal++;
    if (fileColumn !== undefined) for (const file of rows.batch.strings(fileColumn)) files.add(file);
  }
  assertTestFilesExist(place, test, files);
  assertNormalRows(place, normal);
  return normal;
}
