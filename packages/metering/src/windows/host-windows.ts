import { ByteLog } from './byte-log.ts';
import {
  HN_FIRST_SEEN,
  HN_SOURCE_BYTES,
  H_DESTINATIONS,
  H_FLOWS,
  H_HALF_OPEN,
  H_PORTS,
  H_SOURCES,
  H_SOURCE_FLOWS,
  H_SOURCE_UNANSWERED,
  H_UNANSWERED,
  HostTable,
} from './host-table.ts';
import { PN_BYTES, P_FLOWS, PairTable } from './pair-table.ts';
import { PortTable } from './port-table.ts';
import { StartLog } from './start-log.ts';
import { WINDOWS, WINDOW_NANOSECONDS } from './window-seconds.ts';
import type { WindowValues } from './window-values.ts';

const SECOND = 1e9;
/** Pairs, ports and log entries kept per host on average. */
const PAIRS_PER_HOST = 4;
const PORTS_PER_HOST = 4;
const EVENTS_PER_HOST = 16;
/** Distinct destinations, sources or ports that count for one host: exact up to here, then saturated. */
export const DISTINCT_CAP = 4096;

/** Where a flow's source, destination and pair are kept; -1 for none. Identifiers tell whether they still are there. */
export class WindowOwners {
  source = -1;
  sourceId = 0;
  destination = -1;
  destinationId = 0;
  pair = -1;
  pairId = 0;
}

/**
 * What hosts did lately: counters by source, destination and pair of hosts, and over all, in four sliding windows. Every
 * table has a cap; the least recently used record makes room, and the statistics count it.
 */
export class HostWindows {
  readonly hosts: HostTable;
  readonly pairs: PairTable;
  readonly ports: PortTable;
  readonly starts: StartLog;
  readonly bytes: ByteLog;
  #firstTime = -1;

  constructor(maxHosts: number, seed: number) {
    this.hosts = new HostTable(maxHosts, seed);
    const cap = Math.min(DISTINCT_CAP, Math.max(16, maxHosts >> 2));
    this.pairs = new PairTable(maxHosts * PAIRS_PER_HOST, cap, this.hosts, seed);
    this.ports = new PortTable(maxHosts * PORTS_PER_HOST, cap, this.hosts, seed);
    this.starts = new StartLog(maxHosts * EVENTS_PER_HOST, this.hosts, this.pairs);
    this.bytes = new ByteLog(maxHosts * EVENTS_PER_HOST, this.hosts, this.pairs);
  }

  /**
   * A flow starts. Sets `owners`.
   *
   * @param addresses   source and destination, four words each
   * @param isHandshake the flow begins with a TCP SYN
   * @returns the serial number of the start, to be told of an answer
   */
  start(
    addresses: Int32Array,
    destinationPort: number,
    protocol: number,
    isHandshake: boolean,
    now: number,
    owners: WindowOwners,
  ): number {
    if (this.#firstTime < 0) this.#firstTime = now;
    this.advance(now);
    const source = this.hosts.use(addresses, 0, now);
    const destination = this.hosts.use(addresses, 4, now);
    const pair = this.pairs.use(addresses, source, destination, now);
    this.ports.use(addresses, source, destinationPort, protocol, now);
    owners.source = source;
    owners.sourceId = this.hosts.idOf(source);
    owners.destination = destination;
    owners.destinationId = this.hosts.idOf(destination);
    owners.pair = pair;
    owners.pairId = pair < 0 ? 0 : this.pairs.idOf(pair);
    return this.starts.add(now, source, destination, pair, isHandshake);
  }

  /** Moves all windows up to `now`. */
  advance(now: number): void {
    this.starts.advance(now);
    this.bytes.advance(now);
    this.pairs.advance(now);
    this.ports.advance(now);
  }

  /** A flow moved bytes since it was last asked: `sent` by its source, `total` in both directions. */
  addBytes(owners: WindowOwners, sent: number, total: number, now: number): void {
    const source = this.hosts.holds(owners.source, owners.sourceId) ? owners.source : -1;
    const pair = this.pairs.holds(owners.pair, owners.pairId) ? owners.pair : -1;
    this.bytes.add(now, source, pair, sent, total);
  }

  /**
   * The values for a flow at `now`. A flow that started within a window is in it, even where its host made room or is
   * saturated.
   */
  read(values: WindowValues, owners: WindowOwners, flowStart: number, now: number): void {
    const hasSource = this.hosts.holds(owners.source, owners.sourceId);
    const hasDestination = this.hosts.holds(owners.destination, owners.destinationId);
    const hasPair = this.pairs.holds(owners.pair, owners.pairId);
    const { words, wordStride, numbers, numberStride } = this.hosts.table;
    const source = owners.source * wordStride;
    const sourceNumbers = owners.source * numberStride;
    const destination = owners.destination * wordStride;
    const pairs = this.pairs.table;
    const pair = owners.pair * pairs.wordStride;
    const pairNumbers = owners.pair * pairs.numberStride;
    for (let w = 0; w < WINDOWS; w++) {
      const least = flowStart > now - WINDOW_NANOSECONDS[w] ? 1 : 0;
      values.sourceFlows[w] = atLeast(least, hasSource ? words[source + H_SOURCE_FLOWS + w] : 0);
      values.sourceUnanswered[w] = hasSource ? words[source + H_SOURCE_UNANSWERED + w] : 0;
      values.sourceDestinations[w] = atLeast(least, hasSource ? words[source + H_DESTINATIONS + w] : 0);
      values.sourcePorts[w] = atLeast(least, hasSource ? words[source + H_PORTS + w] : 0);
      values.sourceBytes[w] = hasSource ? numbers[sourceNumbers + HN_SOURCE_BYTES + w] : 0;
      values.destinationFlows[w] = atLeast(least, hasDestination ? words[destination + H_FLOWS + w] : 0);
      values.destinationUnanswered[w] = hasDestination ? words[destination + H_UNANSWERED + w] : 0;
      values.destinationHalfOpen[w] = hasDestination ? words[destination + H_HALF_OPEN + w] : 0;
      values.destinationSources[w] = atLeast(least, hasDestination ? words[destination + H_SOURCES + w] : 0);
      values.pairFlows[w] = atLeast(least, hasPair ? pairs.words[pair + P_FLOWS + w] : 0);
      values.pairBytes[w] = hasPair ? pairs.numbers[pairNumbers + PN_BYTES + w] : 0;
      values.sensorFlows[w] = this.starts.sensorFlows[w];
      values.sensorUnanswered[w] = this.starts.sensorUnanswered[w];
    }
    values.pairRegularity = hasPair ? this.pairs.regularity(owners.pair) : 0;
    values.sourceAge = hasSource ? (now - numbers[sourceNumbers + HN_FIRST_SEEN]) / SECOND : 0;
    values.sensorAge = (now - this.#firstTime) / SECOND;
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    this.#firstTime -= shift;
    this.hosts.rebase(shift);
    this.pairs.rebase(shift);
    this.ports.rebase(shift);
    this.starts.rebase(shift);
    this.bytes.rebase(shift);
  }
}

function atLeast(least: number, value: number): number {
  return value > least ? value : least;
}
