import { hashWords } from '../flow-table/hash.ts';
import { LinkedList } from '../flow-table/linked-list.ts';
import { RecordTable } from '../flow-table/record-table.ts';
import { ARP_OPERATION_REPLY, ARP_OPERATION_REQUEST, ArpMessage, decodeArp } from '../wire/arp.ts';
import type { DecodedPacket } from '../wire/decoded-packet.ts';
import { isMeteredItself } from '../wire/tunnel.ts';
import { formatIpv4, formatMac } from './arp-addresses.ts';
import { type ArpClaim, type ArpKind, ArpRecord, type ArpSink, type ArpStatistics } from './arp-record.ts';
import { ArpRequests } from './arp-requests.ts';

/** Key: address, VLAN. */
const KEY_WORDS = 2;
const W_MAC_HIGH = KEY_WORDS + 1;
const W_MAC_LOW = W_MAC_HIGH + 1;
const W_CHANGES = W_MAC_HIGH + 2;
const WORDS = 3;
const N_LATEST = Math.ceil((KEY_WORDS + 1 + WORDS) / 2);
const NUMBERS = 1;

/** Addresses whose claims are remembered. */
export const ARP_CLAIMS_CAPACITY = 16_384;
/** Requests that wait for a reply. */
const ARP_REQUESTS_CAPACITY = 4096;
/**
 * Seconds for which a claim is fresh: 20 minutes, the longest that a common system keeps an ARP entry which nothing confirms
 * (BSD's 1200 s). A host that is silent for longer may have left its address to another.
 */
export const FRESH_CLAIM_SECONDS = 1200;

/**
 * Who claims which address by ARP, so that spoofing shows: an address claimed by a second MAC address while the first one
 * still claims it, and replies that nobody asked for. Bounded; the least recently claimed address makes room.
 */
export class ArpTable {
  readonly #sink: ArpSink;
  readonly #seed: number;
  readonly #claims: RecordTable;
  readonly #list: LinkedList;
  readonly #requests: ArpRequests;
  readonly #key = new Int32Array(KEY_WORDS);
  readonly #message = new ArpMessage();
  readonly #record = new ArpRecord();
  #messages = 0;
  #malformed = 0;
  #tunnelled = 0;
  #conflicts = 0;
  #unsolicited = 0;
  #evicted = 0;

  /**
   * @param maxHosts hosts that the meter may remember: of as many the claims are, up to the capacity
   * @param seed     secret of the hash tables: placement only
   */
  constructor(maxHosts: number, seed: number, sink: ArpSink) {
    const capacity = Math.min(ARP_CLAIMS_CAPACITY, maxHosts);
    this.#claims = new RecordTable(capacity, KEY_WORDS, WORDS, NUMBERS);
    this.#list = new LinkedList(new Int32Array(capacity * 2));
    this.#seed = seed;
    this.#sink = sink;
    this.#requests = new ArpRequests(Math.min(ARP_REQUESTS_CAPACITY, maxHosts), seed);
  }

  /** Takes a packet whose cursor is at an ARP header. */
  add(packet: DecodedPacket, seconds: number, nanoseconds: number): void {
    if (isMeteredItself(packet.tunnel)) this.#tunnelled++;
    const message = this.#message;
    if (!decodeArp(packet, message)) {
      this.#malformed++;
      return;
    }
    this.#messages++;
    const record = this.#record;
    const now = seconds + nanoseconds / 1e9;
    record.timeSeconds = seconds;
    record.timeNanoseconds = nanoseconds;
    record.vlan = packet.vlan;
    record.kind = kindOf(message);
    record.senderMac = formatMac(message.senderMacHigh, message.senderMacLow);
    record.senderIp = formatIpv4(message.senderIp);
    record.targetMac = formatMac(message.targetMacHigh, message.targetMacLow);
    record.targetIp = formatIpv4(message.targetIp);
    record.solicited = this.#solicited(message, packet.vlan, record.kind, now);
    record.previousMac = '';
    record.previousAge = 0;
    record.changes = 0;
    record.claim = record.kind === 'probe' ? 'none' : this.#claim(message, packet.vlan, now);
    if (record.claim === 'conflict') this.#conflicts++;
    if (!record.solicited) this.#unsolicited++;
    this.#sink.arp(record);
  }

  statistics(): ArpStatistics {
    return {
      messages: this.#messages,
      malformed: this.#malformed,
      tunnelled: this.#tunnelled,
      conflicts: this.#conflicts,
      unsolicitedReplies: this.#unsolicited,
      evictedClaims: this.#evicted,
      evictedRequests: this.#requests.evicted,
    };
  }

  #solicited(message: ArpMessage, vlan: number, kind: ArpKind, now: number): boolean {
    if (message.operation === ARP_OPERATION_REQUEST) {
      this.#requests.add(message.senderIp, message.targetIp, vlan, now);
      return true;
    }
    // An announcement asks for nothing and answers nobody.
    return kind === 'announcement' || this.#requests.has(message.targetIp, message.senderIp, vlan, now);
  }

  #claim(message: ArpMessage, vlan: number, now: number): ArpClaim {
    const claims = this.#claims;
    this.#key[0] = message.senderIp;
    this.#key[1] = vlan;
    const hash = hashWords(this.#key, KEY_WORDS, this.#seed);
    const slot = claims.find(this.#key, hash);
    if (slot < 0) {
      this.#insert(hash, message, now);
      return 'new';
    }
    const base = slot * claims.wordStride;
    const { words, numbers } = claims;
    const latest = slot * claims.numberStride + N_LATEST;
    const age = Math.max(0, now - numbers[latest]);
    const high = words[base + W_MAC_HIGH];
    const low = words[base + W_MAC_LOW];
    this.#list.renew(slot);
    numbers[latest] = now;
    const isSame = high === message.senderMacHigh && low === message.senderMacLow;
    if (!isSame) {
      words[base + W_MAC_HIGH] = message.senderMacHigh;
      words[base + W_MAC_LOW] = message.senderMacLow;
      words[base + W_CHANGES]++;
      this.#record.previousMac = formatMac(high, low);
      this.#record.previousAge = age;
    }
    this.#record.changes = words[base + W_CHANGES];
    if (isSame) return 'same';
    return age <= FRESH_CLAIM_SECONDS ? 'conflict' : 'moved';
  }

  #insert(hash: number, message: ArpMessage, now: number): void {
    const claims = this.#claims;
    if (claims.full) {
      const oldest = this.#list.oldest;
      this.#list.remove(oldest);
      claims.remove(oldest);
      this.#evicted++;
    }
    const slot = claims.insert(this.#key, hash);
    const base = slot * claims.wordStride;
    claims.words[base + W_MAC_HIGH] = message.senderMacHigh;
    claims.words[base + W_MAC_LOW] = message.senderMacLow;
    claims.numbers[slot * claims.numberStride + N_LATEST] = now;
    this.#list.append(slot);
  }
}

function kindOf(message: ArpMessage): ArpKind {
  // An address probe (RFC 5227) has no sender address.
  if (message.senderIp === 0) return 'probe';
  if (message.senderIp === message.targetIp) return 'announcement';
  return message.operation === ARP_OPERATION_REPLY ? 'reply' : 'request';
}
