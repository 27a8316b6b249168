import { createHash } from 'node:crypto';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ip-protocol.ts';
import { isMappedIpv4 } from './address.ts';

/** What a Community ID is made of. */
export interface CommunityIdFields {
  /** Source and destination, four words each from `at` on, IPv4 in the IPv4-mapped form. */
  readonly addresses: Int32Array;
  readonly at: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** ICMP type and code of the source's messages, (type << 8) | code; see {@link icmpOfSource}. */
  readonly icmp: number;
}

/** ICMP types that answer each other, request first. */
const ICMP_PAIRS = pairs([
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
  [10, 9],
]);
const ICMPV6_PAIRS = pairs([
  [128, 129],
  [133, 134],
  [135, 136],
  [130, 131],
  [144, 145],
]);

function pairs(list: readonly (readonly [number, number])[]): ReadonlyMap<number, number> {
  return new Map(
    list.flatMap(([request, answer]) => [
      [request, answer],
      [answer, request],
    ]),
  );
}

/** The type and code that a source's ICMP messages have, given those of the first message and who sent it. */
export function icmpOfSource(protocol: number, firstIcmp: number, sentByDestination: boolean): number {
  if (!sentByDestination) return firstIcmp;
  const type = (protocol === PROTOCOL_ICMP ? ICMP_PAIRS : ICMPV6_PAIRS).get(firstIcmp >> 8);
  return type === undefined ? firstIcmp : type << 8;
}

/**
 * Community ID, version 1, of a flow (https://github.com/corelight/community-id-spec): the same for both directions and
 * in Zeek, Suricata and other tools.
 */
export function communityId(fields: CommunityIdFields, seed = 0): string {
  const { addresses, at, protocol } = fields;
  const source = addressBytes(addresses, at);
  const destination = addressBytes(addresses, at + 4);
  let ports: readonly [number, number] | null = null;
  let isOneWay = false;
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP || protocol === PROTOCOL_SCTP) {
    ports = [fields.sourcePort, fields.destinationPort];
  } else if (protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6) {
    const type = fields.icmp >> 8;
    const answer = (protocol === PROTOCOL_ICMP ? ICMP_PAIRS : ICMPV6_PAIRS).get(type);
    isOneWay = answer === undefined;
    ports = [type, answer ?? fields.icmp & 0xff];
  }
  const order = Buffer.compare(source, destination) || (ports === null ? 0 : ports[0] - ports[1]);
  const swap = order > 0 && !isOneWay;
  const hash = createHash('sha1');
  hash.update(Uint8Array.of(seed >> 8, seed & 0xff));
  hash.update(swap ? destination : source);
  hash.update(swap ? source : destination);
  hash.update(Uint8Array.of(protocol, 0));
  if (ports !== null) {
    const [first, second] = swap ? [ports[1], ports[0]] : ports;
    hash.update(Uint8Array.of(first >> 8, first & 0xff, second >> 8, second & 0xff));
  }
  return `1:${hash.digest('base64')}`;
}

function addressBytes(words: Int32Array, at: number): Buffer {
  const bytes = Buffer.alloc(16);
  for (let k = 0; k < 4; k++) bytes.writeInt32BE(words[at + k], k * 4);
  return isMappedIpv4(words, at) ? bytes.subarray(12) : bytes;
}
