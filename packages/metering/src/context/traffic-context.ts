import type { FlowRecord } from '../records/flow-record.ts';
import { type DecodedPacket, FRAGMENT_LATER } from '../wire/decoded-packet.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ip-protocol.ts';
import { IPV4_MAPPED } from '../wire/ipv4.ts';
import { UDP_HEADER } from '../wire/udp.ts';
import { DHCP_SERVER_PORT, readDhcpHost } from './dhcp-message.ts';
import { readDnsAddresses } from './dns-message.ts';
import { beginsHello, HelloAssembly } from './hello-assembly.ts';
import { NameTable } from './name-table.ts';

const DNS_PORT = 53;
const MDNS_PORT = 5353;
const TCP_DATA_OFFSET = 12;

const SECOND = 1e9;
/** Programs use an address for a while after its TTL: five minutes at least, and a day at most. */
const SHORTEST_ANSWER = 300;
const LONGEST_ANSWER = 86_400;
/** A host keeps its name for a day after it was last told: as long as a usual DHCP lease. */
const HOST_NAME_SECONDS = 86_400;

/** Names of servers by client and address, names of hosts by address, flows with context. */
export const CONTEXT_ANSWERS = 16_384;
export const CONTEXT_HOSTS = 16_384;
export const CONTEXT_FLOWS = 65_536;

interface FlowContext {
  dnsName: string;
  serverName: string;
  ja4: string;
}

/** Counts of the tables behind the context. */
export interface ContextStatistics {
  /** Names, and contexts of flows, dropped before their time to make room. */
  readonly evictedNames: number;
  readonly evictedFlows: number;
  /** ClientHellos that were never complete. */
  readonly incompleteHellos: number;
}

/**
 * First context for people: the DNS name that led to a flow, the TLS server name and the client's JA4, and what hosts call
 * themselves by DHCP and multicast DNS. Anybody on the network can make these up: they are shown, and never a model input.
 */
export class TrafficContext {
  readonly #answers: NameTable;
  readonly #hosts: NameTable;
  readonly #hellos = new HelloAssembly();
  readonly #flows = new Map<number, FlowContext>();
  readonly #pair = new Int32Array(8);
  readonly #host = new Int32Array(4);
  /** Holds the present at index 0. */
  readonly #time: Float64Array;
  #evictedFlows = 0;
  /** Made once: a response is too frequent for functions of its own. */
  readonly #noteAnswer = (name: string, address: Int32Array, ttl: number): void => {
    const now = this.#time[0];
    const seconds = Math.min(Math.max(ttl, SHORTEST_ANSWER), LONGEST_ANSWER);
    this.#pair.set(address, 4);
    this.#answers.set(this.#pair, name, now, now + seconds * SECOND);
  };
  readonly #noteHostName = (name: string, address: Int32Array): void => this.#nameHost(address, name);

  /**
   * @param maxFlows flows that the meter may have: of as many there is context, up to the capacities
   * @param seed     secret of the hash tables: placement only
   * @param time     holds the present at index 0
   */
  constructor(maxFlows: number, seed: number, time: Float64Array) {
    this.#answers = new NameTable(Math.min(CONTEXT_ANSWERS, maxFlows), 8, seed);
    this.#hosts = new NameTable(Math.min(CONTEXT_HOSTS, maxFlows), 4, seed);
    this.#time = time;
  }

  /** True for a packet that {@link see} may learn from: cheap enough for every packet. */
  concerns(packet: DecodedPacket): boolean {
    if (packet.protocol === PROTOCOL_UDP) {
      const { sourcePort } = packet;
      return sourcePort === DNS_PORT || sourcePort === MDNS_PORT || packet.destinationPort === DHCP_SERVER_PORT;
    }
    if (packet.protocol !== PROTOCOL_TCP || packet.payloadLength === 0) return false;
    return this.#hellos.isWaiting || beginsHello(packet.bytes, payloadOf(packet), packet.end);
  }

  /** Learns from a packet of the flow with this identifier. */
  see(packet: DecodedPacket, flowId: number): void {
    if (packet.fragment === FRAGMENT_LATER) return;
    if (packet.protocol === PROTOCOL_TCP) this.#seeSegment(packet, flowId);
    else if (packet.sourcePort === MDNS_PORT) this.#seeHostNames(packet);
    else if (packet.sourcePort === DNS_PORT) this.#seeAnswers(packet);
    else this.#seeLease(packet);
  }

  /** A flow starts: source and destination in four words each. */
  started(flowId: number, addresses: Int32Array): void {
    if (this.#answers.isEmpty) return;
    const name = this.#answers.get(addresses, this.#time[0]);
    if (name !== '') this.#contextOf(flowId).dnsName = name;
  }

  ended(flowId: number): void {
    if (this.#hellos.isWaiting) this.#hellos.end(flowId);
    this.#flows.delete(flowId);
  }

  /** Sets a record's context, as of the relative time `at`. */
  fill(record: FlowRecord, at: number): void {
    const context = this.#flows.get(record.flowId);
    record.dnsName = context?.dnsName ?? '';
    record.tlsServerName = context?.serverName ?? '';
    record.ja4 = context?.ja4 ?? '';
    record.sourceName = this.#hostName(record.addressWords, 0, at);
    record.destinationName = this.#hostName(record.addressWords, 4, at);
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    this.#answers.rebase(shift);
    this.#hosts.rebase(shift);
  }

  statistics(): ContextStatistics {
    return {
      evictedNames: this.#answers.evicted + this.#hosts.evicted,
      evictedFlows: this.#evictedFlows,
      incompleteHellos: this.#hellos.givenUp,
    };
  }

  #seeSegment(packet: DecodedPacket, flowId: number): void {
    const { bytes, end, tcpSequence } = packet;
    const at = payloadOf(packet);
    // What the capture has cut off is missing for good.
    if (at >= end || end - at < packet.payloadLength) return;
    const hello = beginsHello(bytes, at, end)
      ? this.#hellos.begin(flowId, tcpSequence, bytes, at, end)
      : this.#hellos.add(flowId, tcpSequence, bytes, at, end);
    if (hello === null) return;
    const context = this.#contextOf(flowId);
    context.serverName = hello.serverName;
    context.ja4 = hello.ja4;
  }

  #seeAnswers(packet: DecodedPacket): void {
    const pair = this.#pair;
    pair[0] = packet.destination0;
    pair[1] = packet.destination1;
    pair[2] = packet.destination2;
    pair[3] = packet.destination3;
    readDnsAddresses(packet.bytes, packet.at + UDP_HEADER, packet.end, false, this.#noteAnswer);
  }

  #seeHostNames(packet: DecodedPacket): void {
    readDnsAddresses(packet.bytes, packet.at + UDP_HEADER, packet.end, true, this.#noteHostName);
  }

  #seeLease(packet: DecodedPacket): void {
    const lease = readDhcpHost(packet.bytes, packet.at + UDP_HEADER, packet.end);
    if (lease === null) return;
    const host = this.#host;
    host[0] = 0;
    host[1] = 0;
    host[2] = IPV4_MAPPED;
    host[3] = lease.address;
    this.#nameHost(host, lease.name);
  }

  #nameHost(address: Int32Array, name: string): void {
    const now = this.#time[0];
    this.#hosts.set(address, name, now, now + HOST_NAME_SECONDS * SECOND);
  }

  #hostName(words: Int32Array, from: number, at: number): string {
    if (this.#hosts.isEmpty) return '';
    for (let k = 0; k < 4; k++) this.#host[k] = words[from + k];
    return this.#hosts.get(this.#host, at);
  }

  #contextOf(flowId: number): FlowContext {
    let context = this.#flows.get(flowId);
    if (context !== undefined) return context;
    if (this.#flows.size >= CONTEXT_FLOWS) {
      this.#flows.delete(this.#flows.keys().next().value!);
      this.#evictedFlows++;
    }
    context = { dnsName: '', serverName: '', ja4: '' };
    this.#flows.set(flowId, context);
    return context;
  }
}

function payloadOf(packet: DecodedPacket): number {
  return packet.at + ((packet.bytes[packet.at + TCP_DATA_OFFSET] >> 4) << 2);
}
