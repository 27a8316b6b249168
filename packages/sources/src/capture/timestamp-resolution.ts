import { MAX_SECONDS } from './record-reader.ts';

/** Largest resolution for which the long division below stays exact in doubles. */
const MAX_EXACT_UNITS = 2 ** 37;

/**
 * Turns the 64-bit timestamps of a pcapng interface into seconds and nanoseconds, exactly. if_tsresol 6 means 10^-6 s;
 * with the high bit set it is a power of two (draft-ietf-opsawg-pcapng, section 4.2).
 */
export class TimestampClock {
  /** Result of the last {@link set}. */
  seconds = 0;
  /** Result of the last {@link set}. */
  nanoseconds = 0;

  readonly #unitsPerSecond: number;
  readonly #nanosecondsPerUnit: number;
  readonly #exactUnitsPerSecond: bigint;
  readonly #offset: bigint;
  readonly #simple: boolean;

  constructor(resolution: number, offsetSeconds: bigint) {
    const exponent = resolution & 0x7f;
    this.#exactUnitsPerSecond = (resolution & 0x80 ? 2n : 10n) ** BigInt(exponent);
    this.#offset = offsetSeconds;
    this.#unitsPerSecond = Number(this.#exactUnitsPerSecond);
    this.#nanosecondsPerUnit = 1e9 / this.#unitsPerSecond;
    this.#simple =
      this.#unitsPerSecond <= MAX_EXACT_UNITS && Number.isInteger(this.#nanosecondsPerUnit) && offsetSeconds === 0n;
  }

  /** Converts the timestamp `high * 2^32 + low`. False when it was out of range and the nearest time was taken. */
  set(high: number, low: number): boolean {
    if (!this.#simple) return this.#setExact(high, low);
    // Long division in base 2^16: every intermediate value stays below 2^53.
    const units = this.#unitsPerSecond;
    const first = Math.floor(high / units);
    const second = (high - first * units) * 65536 + (low >>> 16);
    const secondQuotient = Math.floor(second / units);
    const third = (second - secondQuotient * units) * 65536 + (low & 0xffff);
    const thirdQuotient = Math.floor(third / units);
    this.seconds = first * 4294967296 + secondQuotient * 65536 + thirdQuotient;
    this.nanoseconds = (third - thirdQuotient * units) * this.#nanosecondsPerUnit;
    return this.#clamp();
  }

  #setExact(high: number, low: number): boolean {
    const units = (BigInt(high) << 32n) | BigInt(low);
    const seconds = units / this.#exactUnitsPerSecond;
    this.seconds = Number(seconds + this.#offset);
    this.nanoseconds = Number(
      ((units - seconds * this.#exactUnitsPerSecond) * 1_000_000_000n) / this.#exactUnitsPerSecond,
    );
    return this.#clamp();
  }

  #clamp(): boolean {
    if (this.seconds >= 0 && this.seconds <= MAX_SECONDS) return true;
    this.seconds = this.seconds < 0 ? 0 : MAX_SECONDS;
    this.nanoseconds = 0;
    return false;
  }
}
