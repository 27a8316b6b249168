/** Buckets of each size that are kept; two are merged into one of twice the size beyond. */
const PER_SIZE = 5;
/** Values between two looks at the window. */
const CLOCK = 32;
/** A part of the window shorter than this says nothing. */
const SHORTEST = 16;

/** What a window was like before and after it was cut. */
export interface AdwinCut {
  readonly before: number;
  readonly after: number;
  /** Values that were let go. */
  readonly dropped: number;
}

/**
 * A window over values in 0..1 that keeps what is alike and lets go of what was before a change: ADWIN2 (Bifet and Gavalda
 * 2007, "Learning from time-changing data with adaptive windowing"). Memory grows with the logarithm of the window.
 */
export class Adwin {
  /** Sums of buckets by size (2^level values each), the newest first. */
  readonly #levels: number[][] = [[]];
  readonly #delta: number;
  #width = 0;
  #sum = 0;
  #clock = 0;

  /** @param delta chance of a false cut at each look */
  constructor(delta = 0.002) {
    this.#delta = delta;
  }

  get width(): number {
    return this.#width;
  }

  get mean(): number {
    return this.#width === 0 ? 0 : this.#sum / this.#width;
  }

  /** Takes a value; returns the cut where the window was cut. */
  add(value: number): AdwinCut | undefined {
    this.#levels[0]!.unshift(value);
    this.#width++;
    this.#sum += value;
    this.#compress();
    if (++this.#clock < CLOCK) return undefined;
    this.#clock = 0;
    return this.#cut();
  }

  /** How far the means of two parts of the window may lie apart by chance: equation 3.1 of the paper, with variance. */
  bound(first: number, second: number): number {
    const harmonic = 1 / (1 / first + 1 / second);
    const share = Math.log((2 * Math.log(Math.max(Math.E, this.#width))) / this.#delta);
    const variance = this.mean * (1 - this.mean);
    return Math.sqrt((2 / harmonic) * variance * share) + (2 / (3 * harmonic)) * share;
  }

  #compress(): void {
    for (let level = 0; this.#levels[level]!.length > PER_SIZE; level++) {
      const buckets = this.#levels[level]!;
      const merged = buckets.pop()! + buckets.pop()!;
      if (this.#levels.length === level + 1) this.#levels.push([]);
      this.#levels[level + 1]!.unshift(merged);
    }
  }

  /** Drops the oldest buckets as long as some split of the window shows a change. */
  #cut(): AdwinCut | undefined {
    let dropped = 0;
    let droppedSum = 0;
    while (this.#width > 2 * SHORTEST && this.#hasChange()) {
      const level = this.#levels.findLastIndex((buckets) => buckets.length > 0);
      const sum = this.#levels[level]!.pop()!;
      this.#width -= 2 ** level;
      this.#sum -= sum;
      dropped += 2 ** level;
      droppedSum += sum;
    }
    return dropped === 0 ? undefined : { before: droppedSum / dropped, after: this.mean, dropped };
  }

  #hasChange(): boolean {
    let older = 0;
    let olderSum = 0;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const buckets = this.#levels[level]!;
      for (let i = buckets.length - 1; i >= 0; i--) {
        older += 2 ** level;
        olderSum += buckets[i]!;
        const newer = this.#width - older;
        if (newer < SHORTEST) return false;
        if (older < SHORTEST) continue;
        const difference = Math.abs(olderSum / older - (this.#sum - olderSum) / newer);
        if (difference > this.bound(older, newer)) return true;
      }
    }
    return false;
  }
}
