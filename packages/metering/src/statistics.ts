import { SKIP_NAMES } from './wire/skip.ts';

/** Counts of a meter since it was made. Interim records are not flows. */
export interface MeteringStatistics {
  /** Packets that belong to a flow. */
  readonly packets: number;
  /** Bytes of their frames as on the wire. */
  readonly bytes: number;
  /** Packets that belong to none, by reason. Only reasons that occurred. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Flows that ended. */
  readonly flows: number;
  /** Flows in the table. */
  readonly activeFlows: number;
  /** Most flows in the table at a time. */
  readonly peakFlows: number;
  /** Records emitted, interim ones included. */
  readonly records: number;
  /** Flows ended early because the table was full. */
  readonly evictedFlows: number;
  /** Hosts, pairs and ports dropped from the window tables because those were full. */
  readonly evictedHosts: number;
  readonly evictedPairs: number;
  readonly evictedPorts: number;
  /** Flow starts and byte counts that left the windows early because a log was full. */
  readonly droppedWindowEvents: number;
  /** Distinct counts that reached their cap: contacts that were not remembered. */
  readonly saturatedContacts: number;
  /** TCP acknowledgments, in flows that ended, of bytes that the sensor has not seen: its own blindness. */
  readonly unseenAcknowledged: number;
  /** Fragments that cover bytes of their packet which came before. */
  readonly overlappingFragments: number;
  /** Fragmented packets forgotten before their time because too many were under way. */
  readonly evictedFragments: number;
  /** Packets older than one before them, taken at the later time. */
  readonly timeReversals: number;
  /** Times that the clock was set back by an hour or more: all flows ended and time began anew. */
  readonly clockResets: number;
  /** Packets without a usable time. */
  readonly timesOutOfRange: number;
  /** Time of the first and the last metered packet in seconds since the epoch; null without packets. */
  readonly firstSeconds: number | null;
  readonly lastSeconds: number | null;
}

/** Counts skipped packets: by reason, and link types that carry no IP by type. */
export class SkipCounts {
  readonly #reasons = new Float64Array(SKIP_NAMES.length);
  readonly #linkTypes = new Map<number, number>();

  /** `skip` is a negative reason. */
  add(skip: number): void {
    this.#reasons[-skip]++;
  }

  addLinkType(linkType: number): void {
    // The number comes from a capture file: bounded, so that a crafted one cannot grow the map.
    const key = this.#linkTypes.size < 64 || this.#linkTypes.has(linkType) ? linkType : -1;
    this.#linkTypes.set(key, (this.#linkTypes.get(key) ?? 0) + 1);
  }

  toRecord(): Record<string, number> {
    const record: Record<string, number> = {};
    SKIP_NAMES.forEach((name, reason) => {
      if (this.#reasons[reason] > 0) record[name] = this.#reasons[reason];
    });
    for (const [linkType, count] of this.#linkTypes) {
      record[linkType < 0 ? 'link-type-others' : `link-type-${linkType}`] = count;
    }
    return record;
  }
}
