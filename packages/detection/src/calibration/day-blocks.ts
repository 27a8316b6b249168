import type { BlocksDocument } from '@edgeguard/contracts';
import { blockMaxima } from '../threshold/block-threshold.ts';

const DAY = 86_400_000_000_000n;
/** Blocks' maxima that are kept: thresholds are looked for among the highest. */
const MAX_MAXIMA = 1000;

/**
 * Calendar days (UTC), or days of each source.
 *
 * @param time    nanoseconds since the Unix epoch
 * @param sources who acts in each row; absent where nothing says so
 */
export function dayBlocks(scores: Float32Array, time: BigInt64Array, sources?: readonly string[]): BlocksDocument {
  const blockOf = Array.from(time, (at, row) => (sources ? `${at / DAY} ${sources[row]!}` : String(at / DAY)));
  const maxima = blockMaxima(scores, blockOf);
  return {
    unit: sources ? 'host-day' : 'day',
    count: maxima.length,
    maxima: [...maxima.subarray(0, MAX_MAXIMA)],
  };
}
