import type { FlowCoreStatistics, MeteringStatistics } from '@edgeguard/metering';

/** Notes about single captures in a manifest at most. */
const MAX_NOTES = 100;

/** What became of the packets of all captures. */
export class CollectionCounts {
  packets = 0;
  flows = 0;
  readonly dropped = new Map<string, number>();
  readonly #notes: string[] = [];
  #evictedFlows = 0;

  add(statistics: MeteringStatistics, repeatedRecords: number): void {
    this.packets += statistics.packets;
    this.flows += statistics.flows;
    this.#evictedFlows += statistics.evictedFlows;
    for (const [reason, packets] of Object.entries(statistics.skipped)) this.drop(`packets: ${reason}`, packets);
    this.drop('records: repeated active timeout', repeatedRecords);
  }

  /** @param of whose flows they are */
  addCore(of: string, statistics: FlowCoreStatistics): void {
    const { lateFlows, hurriedFlows, clockResets } = statistics;
    const total = statistics.flows;
    if (lateFlows > 0) {
      this.note(`${of}: ${lateFlows} of ${total} flows came too late to be put in order of their ends`);
    }
    if (hurriedFlows > 0) this.note(`${of}: ${hurriedFlows} of ${total} flows were taken early: too many waited`);
    if (clockResets > 0) this.note(`${of}: time went back by a day or more ${clockResets} times`);
  }

  drop(reason: string, count: number): void {
    if (count > 0) this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + count);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** All notes, the first hundred by name. */
  get notes(): string[] {
    const notes = this.#notes.slice(0, MAX_NOTES);
    if (this.#notes.length > MAX_NOTES) notes.push(`and ${this.#notes.length - MAX_NOTES} more notes of this kind`);
    if (this.#evictedFlows > 0) {
      notes.push(`${this.#evictedFlows} flows ended early because the flow table was full (collect.metering.maxFlows)`);
    }
    return notes;
  }
}
