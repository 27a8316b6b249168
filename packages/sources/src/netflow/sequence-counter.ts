/** A larger gap is an exporter that was started anew. */
const LARGEST_GAP = 100_000;

/**
 * Counts what is missing in a series of 32-bit serial numbers. A message states how many records were sent before it
 * (RFC 7011); softflowd counts those of the message itself as well, at times without options, which is taken as right
 * too.
 */
export class SequenceCounter {
  #previous: number | undefined = undefined;
  #previousCount = 0;

  /**
   * Takes the serial number of the next message and how many it stands for; returns how many are missing before it.
   * A message that comes late is no loss, and does not take back the one that was counted.
   *
   * @param flows how many of the records are flows
   */
  next(sequence: number, count: number, flows = count): number {
    const previous = this.#previous;
    if (previous === undefined) {
      this.#keep(sequence, count);
      return 0;
    }
    const gap = (sequence - previous - this.#previousCount) | 0;
    const step = (sequence - previous) | 0;
    const isOwnCounted = step === count || step === flows;
    if (gap < 0 && gap > -LARGEST_GAP && !isOwnCounted) return 0;
    this.#keep(sequence, count);
    return isOwnCounted || gap < 0 || gap >= LARGEST_GAP ? 0 : gap;
  }

  /** Takes the next number as it comes. */
  forget(): void {
    this.#previous = undefined;
  }

  #keep(sequence: number, count: number): void {
    this.#previous = sequence;
    this.#previousCount = count;
  }
}
