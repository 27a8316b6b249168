import { ByteLog } from './byte-log.ts';
import {
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
import { WINDOW_10MIN, WINDOW_10S, WINDOW_1H, WINDOW_60S, WINDOW_NANOSECONDS } from './window-seconds.ts';
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
  /** Up to when the windows were moved. */
  #movedTo = -1;
  /** What prefetching read. */
  readonly #fetched = new Int32Array(1);

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
    // A new flow may search four tables, and make room in each: a flood with made-up sources does so for every packet. All that is
    // fetched at once, before the windows are moved.
    const sourceHash = this.hosts.hashOf(addresses, 0);
    const destinationHash = this.hosts.hashOf(addresses, 4);
    const pairHash = this.pairs.hashOf(addresses);
    const portHash = this.ports.setKey(addresses, destinationPort, protocol);
    this.#fetched[0] = this.hosts.prefetch(sourceHash) ^ this.pairs.prefetch(pairHash) ^ this.ports.prefetch(portHash);
    this.advance(now);
    let pair = this.pairs.find(addresses, pairHash);
    let source: number;
    let destination: number;
    if (pair >= 0 && this.pairs.hasItsHosts(pair)) {
      source = this.pairs.sourceOf(pair);
      destination = this.pairs.destinationOf(pair);
      this.hosts.renew(source);
      this.hosts.renew(destination);
      this.pairs.use(pair, now);
    } else {
      source = this.hosts.use(addresses, 0, sourceHash);
      destination = this.hosts.use(addresses, 4, destinationHash);
      if (pair >= 0) this.pairs.remove(pair);
      pair = this.pairs.add(addresses, pairHash, source, destination, now);
    }
    this.ports.use(source, portHash, now);
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
    if (now === this.#movedTo) return;
    this.#movedTo = now;
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
    const age = now - flowStart;
    const in10s = age < WINDOW_NANOSECONDS[WINDOW_10S] ? 1 : 0;
    const in60s = age < WINDOW_NANOSECONDS[WINDOW_60S] ? 1 : 0;
    const in10min = age < WINDOW_NANOSECONDS[WINDOW_10MIN] ? 1 : 0;
    const in1h = age < WINDOW_NANOSECONDS[WINDOW_1H] ? 1 : 0;

    const { words, wordStride, numbers, numberStride } = this.hosts.table;
    // Where the host made room, its values are those of a host that did nothing.
    const hasSource = this.hosts.holds(owners.source, owners.sourceId);
    const source = (hasSource ? owners.source : this.hosts.blank) * wordStride;
    values.sourceFlows10s = atLeast(in10s, words[source + H_SOURCE_FLOWS + WINDOW_10S]);
    values.sourceFlows60s = atLeast(in60s, words[source + H_SOURCE_FLOWS + WINDOW_60S]);
    values.sourceFlows10min = atLeast(in10min, words[source + H_SOURCE_FLOWS + WINDOW_10MIN]);
    values.sourceFlows1h = atLeast(in1h, words[source + H_SOURCE_FLOWS + WINDOW_1H]);
    values.sourceUnanswered60s = words[source + H_SOURCE_UNANSWERED + WINDOW_60S];
    values.sourceUnanswered1h = words[source + H_SOURCE_UNANSWERED + WINDOW_1H];
    values.sourceDestinations60s = atLeast(in60s, words[source + H_DESTINATIONS + WINDOW_60S]);
    values.sourceDestinations1h = atLeast(in1h, words[source + H_DESTINATIONS + WINDOW_1H]);
    values.sourcePorts60s = atLeast(in60s, words[source + H_PORTS + WINDOW_60S]);
    values.sourcePorts1h = atLeast(in1h, words[source + H_PORTS + WINDOW_1H]);
    values.sourceBytes10min =
      numbers[(hasSource ? owners.source : this.hosts.blank) * numberStride + HN_SOURCE_BYTES + WINDOW_10MIN];

    const hasDestination = this.hosts.holds(owners.destination, owners.destinationId);
    const destination = (hasDestination ? owners.destination : this.hosts.blank) * wordStride;
    values.destinationFlows10s = atLeast(in10s, words[destination + H_FLOWS + WINDOW_10S]);
    values.destinationFlows60s = atLeast(in60s, words[destination + H_FLOWS + WINDOW_60S]);
    values.destinationFlows10min = atLeast(in10min, words[destination + H_FLOWS + WINDOW_10MIN]);
    values.destinationUnanswered60s = words[destination + H_UNANSWERED + WINDOW_60S];
    values.destinationHalfOpen60s = words[destination + H_HALF_OPEN + WINDOW_60S];
    values.destinationSources60s = atLeast(in60s, words[destination + H_SOURCES + WINDOW_60S]);

    const hasPair = this.pairs.holds(owners.pair, owners.pairId);
    const pairs = this.pairs.table;
    const pair = owners.pair * pairs.wordStride;
    values.pairFlows60s = atLeast(in60s, hasPair ? pairs.words[pair + P_FLOWS + WINDOW_60S] : 0);
    values.pairFlows1h = atLeast(in1h, hasPair ? pairs.words[pair + P_FLOWS + WINDOW_1H] : 0);
    values.pairBytes1h = hasPair ? pairs.numbers[owners.pair * pairs.numberStride + PN_BYTES + WINDOW_1H] : 0;
    values.pairRegularity = hasPair ? this.pairs.regularity(owners.pair) : 0;

    values.sensorFlows10s = this.starts.sensorFlows[WINDOW_10S];
    values.sensorFlows60s = this.starts.sensorFlows[WINDOW_60S];
    values.sensorUnanswered60s = this.starts.sensorUnanswered[WINDOW_60S];
    values.sensorAge = (now - this.#firstTime) / SECOND;
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    this.#firstTime -= shift;
    this.#movedTo -= shift;
    this.pairs.rebase(shift);
    this.ports.rebase(shift);
    this.starts.rebase(shift);
    this.bytes.rebase(shift);
  }
}

function atLeast(least: number, value: number): number {
  return value > least ? value : least;
}
