import { UserError } from '@edgeguard/contracts/problems';
import { ipaddr } from '../records/ip-address-library.ts';
import { isMappedIpv4 } from '../records/address.ts';

/** Where a flow goes relative to the home networks. Code 1 is the first name. */
export const NETWORK_DIRECTIONS = ['lateral', 'outbound', 'inbound', 'transit'] as const;

const LATERAL = 1;
const OUTBOUND = 2;
const INBOUND = 3;
const TRANSIT = 4;
const MAPPED_BITS = 96;
const MULTICAST_V4_FIRST = 224;
const MULTICAST_V6 = 0xff;

/** The networks that are ours. */
export class HomeNetworks {
  /** Four words of prefix and four of mask per network. */
  readonly #networks: Int32Array;

  /**
   * @param cidrs networks such as `10.0.0.0/8` or `fd00::/8`; a plain address is a network of one
   * @throws UserError naming the network that cannot be read
   */
  constructor(cidrs: readonly string[]) {
    this.#networks = Int32Array.from(cidrs.flatMap(parseNetwork));
  }

  /** True where the address, four words at `addresses[at]`, lies in a home network. */
  contains(addresses: Int32Array, at: number): boolean {
    const networks = this.#networks;
    for (let n = 0; n < networks.length; n += 8) {
      let k = 0;
      while (k < 4 && (addresses[at + k] & networks[n + 4 + k]) === networks[n + k]) k++;
      if (k === 4) return true;
    }
    return false;
  }

  /** Code of the direction of a flow, from source and destination, four words each. Groups count as home. */
  directionOf(addresses: Int32Array): number {
    const from = this.contains(addresses, 0);
    const to = this.contains(addresses, 4) || isGroupAddress(addresses, 4);
    if (from) return to ? LATERAL : OUTBOUND;
    return to ? INBOUND : TRANSIT;
  }
}

/** True for a multicast address or the limited broadcast address. */
export function isGroupAddress(addresses: Int32Array, at: number): boolean {
  if (isMappedIpv4(addresses, at)) {
    const first = addresses[at + 3] >>> 24;
    return (first >= MULTICAST_V4_FIRST && first < 240) || addresses[at + 3] === -1;
  }
  return addresses[at] >>> 24 === MULTICAST_V6;
}

function parseNetwork(cidr: string): number[] {
  let bytes: number[];
  let bits: number;
  try {
    const text = cidr.includes('/') ? cidr : `${cidr}/${cidr.includes(':') ? 128 : 32}`;
    const [address, prefix] = ipaddr.parseCIDR(text);
    const isV4 = address.kind() === 'ipv4';
    bytes = isV4 ? [...Array<number>(10).fill(0), 0xff, 0xff, ...address.toByteArray()] : address.toByteArray();
    bits = isV4 ? prefix + MAPPED_BITS : prefix;
  } catch (cause) {
    throw new UserError('metering.homeNetworks', `"${cidr}" is no network`, 'write it as 10.0.0.0/8 or fd00::/8', {
      cause,
    });
  }
  const words: number[] = [];
  const masks: number[] = [];
  for (let k = 0; k < 4; k++) {
    const wordBits = Math.min(32, Math.max(0, bits - 32 * k));
    const mask = wordBits === 0 ? 0 : -1 << (32 - wordBits);
    const at = 4 * k;
    const word = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    words.push(word & mask);
    masks.push(mask);
  }
  return [...words, ...masks];
}
