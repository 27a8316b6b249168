/** What a FlowCoreMeter has counted. */
export interface FlowCoreStatistics {
  /** Flows that became rows. */
  readonly flows: number;
  /** Packets and IP bytes of these flows. */
  readonly packets: number;
  readonly bytes: number;
  /** Flows that wait to be put in order. */
  readonly waiting: number;
  /** Flows that came too late to be put in order and were taken at the present time. */
  readonly lateFlows: number;
  /** Flows that were taken early because too many waited. */
  readonly hurriedFlows: number;
  /** Entries that left a full window table, and what it could not hold. */
  readonly evictedHosts: number;
  readonly evictedPairs: number;
  readonly evictedPorts: number;
  readonly droppedWindowEvents: number;
  readonly saturatedContacts: number;
  /** Times that the clock was set back by a day or more. */
  readonly clockResets: number;
  /** Traffic time of the first and the latest row; null before the first. */
  readonly firstSeconds: number | null;
  readonly lastSeconds: number | null;
}
