import { FLAG_GROUP_DESTINATION } from '../flow-table/flow-layout.ts';
import { AGE_CLASSES } from '../records/age-class.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ip-protocol.ts';
import { category } from './category.ts';
import { count, family, flag } from './feature.ts';
import { NETWORK_DIRECTIONS } from './home-networks.ts';
import { SERVICE_CLASSES, serviceClass } from './service-class.ts';

/** Code 1 is the first name. */
export const PROTOCOL_CLASSES = ['tcp', 'udp', 'icmp', 'other'] as const;

function protocolClass(protocol: number): number {
  switch (protocol) {
    case PROTOCOL_TCP:
      return 1;
    case PROTOCOL_UDP:
      return 2;
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return 3;
    default:
      return 4;
  }
}

export const CONTEXT = family('context', [
  category(PROTOCOL_CLASSES, {
    name: 'protocol_class',
    description: 'transport protocol',
    formula: 'from the IP protocol number; ICMP and ICMPv6 are one class',
    shows: 'context for all others',
    value: (r) => protocolClass(r.protocol),
  }),
  category(SERVICE_CLASSES, {
    name: 'service_class',
    description: 'what the destination port is for',
    formula: 'table of well-known ports, else the port range of RFC 6335',
    shows: 'services where none are usual',
    value: (r) => serviceClass(r.protocol, r.destinationPort),
  }),
  category(AGE_CLASSES, {
    name: 'age_class',
    description: 'at which point of the flow’s life the record was made',
    formula: 'flow age 1 s, 10 s or 60 s, an active timeout, or the end of the flow',
    shows: 'context: what a record can know yet',
    value: (r) => r.ageClass,
  }),
  category(NETWORK_DIRECTIONS, {
    name: 'network_direction',
    description: 'where the flow goes relative to the home networks',
    formula: 'source and destination in a home network or not; a group destination counts as home',
    shows: 'attacks from inside, lateral movement',
    value: (r) => r.networkDirection,
  }),
  flag({
    name: 'group_destination',
    description: 'whether the destination is a multicast or the broadcast address',
    formula: '224.0.0.0/4, 255.255.255.255 or ff00::/8',
    shows: 'discovery abuse, worm-like spread',
    value: (r) => (r.flags & FLAG_GROUP_DESTINATION) !== 0,
  }),
  count('packet', {
    name: 'icmp_errors',
    description: 'ICMP errors about the flow (unreachable, time exceeded, …)',
    formula: 'ICMP and ICMPv6 errors that quote a packet of the flow',
    shows: 'UDP scans, routing loops',
    value: (r) => r.icmpErrors,
  }),
]);
