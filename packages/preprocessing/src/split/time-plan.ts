import type { SplitShares } from '@edgeguard/contracts';
import { isUsableNormal, type LabelledRows } from '../rows/labelled-rows.ts';
import { assertNormalRows } from './assert-enough-rows.ts';
import { OUTCOME, type SplitPlan } from './split-plan.ts';

export interface TimePlanOptions {
  readonly place: string;
  readonly timeColumn: string;
  readonly shares: SplitShares;
  readonly gapSeconds: number;
}

/**
 * Splits by time: train first, test last. The borders are at shares of the normal rows in order of time; rows up to a
 * gap after a border are left out, so that no flow reaches across.
 */
export async function planByTime(
  survey: AsyncIterable<LabelledRows>,
  { place, timeColumn, shares, gapSeconds }: TimePlanOptions,
): Promise<SplitPlan> {
  const times = await normalTimes(survey, timeColumn);
  assertNormalRows(place, times.length);
  const gap = BigInt(Math.round(gapSeconds * 1e9));
  const at = (share: number): bigint => times[Math.min(times.length - 1, Math.round(share * times.length))]!;
  const borders = [
    at(shares.train),
    at(shares.train + shares.validation),
    at(shares.train + shares.validation + shares.calibration),
  ];
  return {
    part: 'period',
    assign(rows, outcomes) {
      const rowTimes = rows.batch.bigints(timeColumn);
      for (let row = 0; row < rows.length; row++) outcomes[row] = outcomeAt(rowTimes[row]!, borders, gap);
    },
  };
}

function outcomeAt(time: bigint, borders: readonly bigint[], gap: bigint): number {
  let split: number = OUTCOME.train;
  for (const border of borders) {
    if (time < border) break;
    if (time < border + gap) return OUTCOME.gap;
    split++;
  }
  return split;
}

/** Instants of the usable normal rows, sorted: eight bytes a row. */
async function normalTimes(survey: AsyncIterable<LabelledRows>, timeColumn: string): Promise<BigInt64Array> {
  const parts: BigInt64Array[] = [];
  let length = 0;
  for await (const rows of survey) {
    const part = rows.batch.bigints(timeColumn).filter((_, row) => isUsableNormal(rows, row));
    parts.push(part);
    length += part.length;
  }
  const times = new BigInt64Array(length);
  let at = 0;
  for (const part of parts) {
    times.set(part, at);
    at += part.length;
  }
  return times.sort();
}
