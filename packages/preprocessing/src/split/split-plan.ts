import type { LabelledRows } from '../rows/labelled-rows.ts';

/** What becomes of a row: the four splits first, then the reasons to leave it out. */
export const OUTCOMES = ['train', 'validation', 'calibration', 'test', 'gap', 'duplicate'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const OUTCOME = {
  train: 0,
  validation: 1,
  calibration: 2,
  test: 3,
  gap: 4,
  duplicate: 5,
} as const satisfies Record<Outcome, number>;

/** Decides for every row of a dataset where it goes. Rows come in file order. */
export interface SplitPlan {
  /** What a part of the dataset is called: rows of an attack in the `period` of train are left out. */
  readonly part: 'period' | 'groups' | 'files' | 'share';
  /** Writes for each row the place of its outcome in OUTCOMES. Labels and finite features are the caller's business. */
  assign(rows: LabelledRows, outcomes: Uint8Array): void;
}
