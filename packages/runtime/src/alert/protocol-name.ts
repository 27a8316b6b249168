const NAMES: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'IPv6-ICMP',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
  136: 'UDPLite',
};

/** Name of an IP protocol as Suricata writes it; its number in three digits where it has no common name. */
export function protocolName(protocol: number): string {
  return NAMES[protocol] ?? String(protocol).padStart(3, '0');
}
