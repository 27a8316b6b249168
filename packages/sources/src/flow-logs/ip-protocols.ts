/** Protocol numbers by the names that sensors write, in lower case (IANA protocol numbers). */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['igmp', 2],
  ['ipip', 4],
  ['tcp', 6],
  ['udp', 17],
  ['ipv6', 41],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['icmpv6', 58],
  ['ipv6-icmp', 58],
  ['ospf', 89],
  ['pim', 103],
  ['vrrp', 112],
  ['sctp', 132],
]);

/** The number of a protocol, given its name or number; 0 where it is not known. */
export function protocolNumber(name: string, isIpv6: boolean): number {
  if (/^\d{1,3}$/.test(name)) return Math.min(255, Number(name));
  const number = NUMBERS.get(name.toLowerCase()) ?? 0;
  // Zeek writes `icmp` for both.
  return number === 1 && isIpv6 ? 58 : number;
}
