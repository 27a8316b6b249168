import { SPLIT_PURPOSES, type SplitConfig, type SplitPurpose, UserError } from '@edgeguard/contracts';
import type { SplitRows } from './split-writer.ts';

/** Rows that a split needs at least. Below, means and covariances of some dozens of features say nothing. */
const LEAST_ROWS: Readonly<Record<SplitPurpose, number>> = { train: 100, validation: 100, calibration: 100, test: 1 };

/** Refuses a dataset without a normal row: only normal rows train. */
export function assertNormalRows(place: string, normalRows: number): void {
  if (normalRows > 0) return;
  throw new UserError(
    place,
    'no row is normal, and only normal rows train',
    'label the source, or say that it is normal (collect.source.assume)',
  );
}

/** Refuses splits that later stages could not use, with what was left out and what to do. */
export function assertEnoughRows(
  place: string,
  rows: SplitRows,
  dropped: ReadonlyMap<string, number>,
  split: SplitConfig,
): void {
  const poor = SPLIT_PURPOSES.find((purpose) => rows[purpose] < LEAST_ROWS[purpose]);
  if (poor === undefined) return;
  const kind = poor === 'test' ? '' : 'normal ';
  const lost = [...dropped].map(([reason, count]) => `${count} ${reason}`).join(', ');
  throw new UserError(
    place,
    `the ${poor} split has ${rows[poor]} ${kind}rows and needs ${LEAST_ROWS[poor]} (left out: ${lost || 'none'})`,
    remedyFor(poor, rows, dropped, split),
  );
}

function remedyFor(
  poor: SplitPurpose,
  rows: SplitRows,
  dropped: ReadonlyMap<string, number>,
  split: SplitConfig,
): string {
  const kept = SPLIT_PURPOSES.reduce((sum, purpose) => sum + rows[purpose], 0);
  const inGap = dropped.get('gap') ?? 0;
  if (split.by === 'time' && inGap > kept / 4)
    return 'collect more traffic, or make preprocess.split.gapSeconds smaller';
  if (split.by === 'file' || split.by === 'group')
    return `give more ${split.by}s with normal rows (those of one stay together), or split otherwise (preprocess.split.by)`;
  return `collect more traffic, or give ${poor} a larger share (preprocess.split.shares)`;
}
