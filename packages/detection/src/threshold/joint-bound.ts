import { falseAlarmBound } from './false-alarm-bound.ts';

/** Ranks up to this one are in the grid one by one; beyond, each is so many times the one before. */
const EXACT_RANKS = 10;
const GROWTH = 1.25;

/**
 * Upper bounds of the false alarm rate that hold at once for whatever threshold is chosen after a look at the calibration
 * scores: the exact bound at each of some ranks, with the risk split evenly over them (Bonferroni). A threshold has the
 * bound of the next rank at or beyond its own, since no higher threshold has more false alarms.
 */
export class JointBound {
  readonly #ranks: readonly number[];
  readonly #rows: number;
  readonly #confidence: number;
  readonly #known = new Map<number, number>();

  /** @param ranks that are looked at the most; they may not be chosen by the scores */
  constructor(rows: number, confidence: number, ranks: readonly number[] = []) {
    const grid = new Set(ranks.filter((rank) => rank >= 1 && rank <= rows));
    for (let rank = 1; rank <= rows; rank = rank < EXACT_RANKS ? rank + 1 : Math.ceil(rank * GROWTH)) grid.add(rank);
    this.#ranks = [...grid].sort((a, b) => a - b);
    this.#rows = rows;
    this.#confidence = 1 - (1 - confidence) / this.#ranks.length;
  }

  /** @param rank one more than the calibration rows above the threshold */
  at(rank: number): number {
    const listed = this.#ranks.find((each) => each >= rank);
    if (listed === undefined) return 1;
    let bound = this.#known.get(listed);
    if (bound === undefined) {
      bound = falseAlarmBound(this.#rows, listed, this.#confidence);
      this.#known.set(listed, bound);
    }
    return bound;
  }
}
