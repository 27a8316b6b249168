import type { Scores } from '../metrics/scores.ts';

/** Bins of equal width in the decimal logarithm of the score. */
export const HISTOGRAM_BINS = 80;

/**
 * Edges of the bins, as decimal logarithms, that hold all scores of some ascending lists and a threshold. The lowest
 * thousandth of rows may lie below the first edge, so that a single score near zero does not stretch the axis; such
 * rows count in the first bin.
 */
export function histogramEdges(lists: readonly Scores[], threshold: number): number[] {
  let low = Math.max(threshold, Number.MIN_VALUE);
  let high = low;
  for (const scores of lists) {
    if (scores.length === 0) continue;
    const nearLowest = scores[Math.floor(scores.length / 1000)]!;
    if (nearLowest > 0) low = Math.min(low, nearLowest);
    high = Math.max(high, scores.at(-1)!);
  }
  const from = Math.log10(low) - 0.02;
  const to = Math.max(Math.log10(high) + 0.02, from + 0.1);
  return Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => from + ((to - from) * i) / HISTOGRAM_BINS);
}

/** Rows per bin. Scores outside count in the first or the last bin. */
export function histogram(scores: Scores, edges: readonly number[]): number[] {
  const bins = edges.length - 1;
  const first = edges[0]!;
  const width = (edges[bins]! - first) / bins;
  const counts = Array.from({ length: bins }, () => 0);
  for (const score of scores) {
    const bin = score > 0 ? Math.floor((Math.log10(score) - first) / width) : 0;
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return counts;
}
