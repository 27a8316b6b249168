import type { DecodedPacket } from '../wire/decoded-packet.ts';
import { finishHash, mixWord } from './hash.ts';

/**
 * The key of a bidirectional flow in ten words: the lower endpoint's address, the higher endpoint's address, their ports,
 * and protocol, IP version, tunnel and VLAN. Both directions give the same key. "Lower" is an arbitrary but fixed order.
 */
export const FLOW_KEY_WORDS = 10;
export const KEY_LOW = 0;
export const KEY_HIGH = 4;
export const KEY_PORTS = 8;
export const KEY_META = 9;

const VERSION_6 = 1 << 8;
const TUNNEL_SHIFT = 9;
const TUNNEL_MASK = 0x0f;
const VLAN_SHIFT = 16;

/** Builds keys in one reused array. */
export class FlowKey {
  readonly words = new Int32Array(FLOW_KEY_WORDS);
  hash = 0;
  /** True where the packet's source is the higher endpoint. */
  sourceIsHigh = false;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Sets key, hash and orientation from a packet.
   * @returns true where the key is the same as before: packets come in bursts
   */
  set(packet: DecodedPacket): boolean {
    const words = this.words;
    const high = sourceIsHigh(packet);
    this.sourceIsHigh = high;
    const source = high ? KEY_HIGH : KEY_LOW;
    const destination = high ? KEY_LOW : KEY_HIGH;
    const ports = high
      ? (packet.destinationPort << 16) | packet.sourcePort
      : (packet.sourcePort << 16) | packet.destinationPort;
    const meta =
      packet.protocol |
      (packet.version === 6 ? VERSION_6 : 0) |
      (packet.tunnel << TUNNEL_SHIFT) |
      (packet.vlan << VLAN_SHIFT);
    if (
      words[KEY_PORTS] === ports &&
      words[KEY_META] === meta &&
      words[source + 3] === packet.source3 &&
      words[destination + 3] === packet.destination3 &&
      words[source + 2] === packet.source2 &&
      words[destination + 2] === packet.destination2 &&
      words[source + 1] === packet.source1 &&
      words[destination + 1] === packet.destination1 &&
      words[source] === packet.source0 &&
      words[destination] === packet.destination0
    ) {
      return true;
    }
    words[source] = packet.source0;
    words[source + 1] = packet.source1;
    words[source + 2] = packet.source2;
    words[source + 3] = packet.source3;
    words[destination] = packet.destination0;
    words[destination + 1] = packet.destination1;
    words[destination + 2] = packet.destination2;
    words[destination + 3] = packet.destination3;
    words[KEY_PORTS] = ports;
    words[KEY_META] = meta;
    let hash = this.#seed;
    if (packet.version === 6) {
      hash = mixWord(hash, words[0]);
      hash = mixWord(hash, words[1]);
      hash = mixWord(hash, words[2]);
      hash = mixWord(hash, words[4]);
      hash = mixWord(hash, words[5]);
      hash = mixWord(hash, words[6]);
    }
    hash = mixWord(hash, words[3]);
    hash = mixWord(hash, words[7]);
    hash = mixWord(hash, words[KEY_PORTS]);
    hash = mixWord(hash, words[KEY_META]);
    this.hash = finishHash(hash);
    return false;
  }
}

function sourceIsHigh(packet: DecodedPacket): boolean {
  if (packet.source3 !== packet.destination3) return packet.source3 > packet.destination3;
  if (packet.source0 !== packet.destination0) return packet.source0 > packet.destination0;
  if (packet.source1 !== packet.destination1) return packet.source1 > packet.destination1;
  if (packet.source2 !== packet.destination2) return packet.source2 > packet.destination2;
  return packet.sourcePort > packet.destinationPort;
}

/** IP protocol in a key's last word. */
export function protocolOf(meta: number): number {
  return meta & 0xff;
}

export function isVersion6(meta: number): boolean {
  return (meta & VERSION_6) !== 0;
}

export function tunnelOf(meta: number): number {
  return (meta >> TUNNEL_SHIFT) & TUNNEL_MASK;
}

export function vlanOf(meta: number): number {
  return meta >>> VLAN_SHIFT;
}
