/** k of the last n. */
export interface Vote {
  readonly needed: number;
  /** At most 32. */
  readonly of: number;
}

/** Sources that are remembered; the one that was silent the longest is forgotten beyond. */
const MAX_SOURCES = 65_536;

/**
 * Voting over time: whether at least k of the last n records of a source were above the threshold. One odd record of a
 * source that is otherwise ordinary convinces nobody.
 */
export class VoteTable {
  /** Sources that were forgotten for want of room. */
  evicted = 0;
  readonly #vote: Vote;
  readonly #mask: number;
  readonly #maxSources: number;
  /** The latest outcomes of each source as bits, the newest lowest; in the order of their latest record. */
  readonly #outcomes = new Map<string, number>();

  constructor(vote: Vote, maxSources = MAX_SOURCES) {
    if (!(vote.needed >= 1 && vote.needed <= vote.of && vote.of <= 32)) throw new RangeError('1 <= k <= n <= 32');
    this.#vote = vote;
    this.#mask = vote.of === 32 ? 0xffff_ffff : 2 ** vote.of - 1;
    this.#maxSources = maxSources;
  }

  /** Takes a record of a source. Returns whether enough of its latest records, this one included, were above the threshold. */
  observe(source: string, above: boolean): boolean {
    const before = this.#outcomes.get(source);
    // A source without any alert needs no memory: what is not remembered was below.
    if (before === undefined && !above) return false;
    const outcomes = (((before ?? 0) << 1) | (above ? 1 : 0)) & this.#mask;
    this.#outcomes.delete(source);
    if (outcomes !== 0) this.#outcomes.set(source, outcomes);
    if (this.#outcomes.size > this.#maxSources) {
      const [oldest] = this.#outcomes.keys();
      this.#outcomes.delete(oldest!);
      this.evicted++;
    }
    return ones(outcomes) >= this.#vote.needed;
  }
}

function ones(bits: number): number {
  let count = 0;
  for (let rest = bits >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
