import { naturalLogarithm } from './natural-logarithm.ts';

const TWO_TO_32 = 4294967296;

/**
 * Seeded random numbers: xoshiro128** 1.1 (Blackman and Vigna 2018), its state filled by splitmix32 from the seed and
 * a name, so that every part of the generator has a stream of its own. All results are exact integer or IEEE
 * operations: the same on every machine.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, name: string) {
    // FNV-1a over the name, mixed with both halves of the seed.
    let state = 0x811c9dc5;
    for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
    state ^= Math.imul(seed >>> 0, 0x9e3779b1) ^ Math.imul(Math.floor(seed / TWO_TO_32) >>> 0, 0x85ebca6b);
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** 0 .. 2^32 - 1 */
  uint32(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.uint32() / TWO_TO_32;
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Exponentially distributed with the given mean: times between independent events. */
  exponential(mean: number): number {
    return -mean * naturalLogarithm(1 - this.unit());
  }

  /**
   * Heavy-tailed around a median (Pareto above it, uniform below), cut at `largest`: sizes and think times.
   * A shape of 1.2 is the usual one for transfers (Crovella and Bestavros 1997); the larger, the lighter the tail.
   */
  heavyTailed(median: number, largest: number, shape = 1.2): number {
    if (this.chance(0.5)) return median * (0.25 + 0.75 * this.unit());
    // Inverse of the Pareto distribution function.
    const logarithm = -naturalLogarithm(1 - this.unit()) / shape;
    return Math.min(largest, median * exponentialOf(Math.min(logarithm, 30)));
  }

  /** One of the choices, all equally likely. */
  choice<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.unit() * choices.length)];
  }

  /** One of the choices, early ones more likely, about as 1 / rank. */
  popular<T>(choices: readonly T[]): T {
    const scale = naturalLogarithm(choices.length + 1);
    return choices[Math.min(choices.length - 1, Math.floor(exponentialOf(this.unit() * scale)) - 1)];
  }
}

/** e^x for x in [0, 30]: Math.exp may differ in the last bit between machines. Relative error below 1e-9. */
function exponentialOf(x: number): number {
  // e^x = (e^(x / 64))^64, by a short series and six squarings
  const y = x / 64;
  let result = 1 + y * (1 + (y / 2) * (1 + (y / 3) * (1 + (y / 4) * (1 + (y / 5) * (1 + (y / 6) * (1 + y / 7))))));
  for (let i = 0; i < 6; i++) result *= result;
  return result;
}
