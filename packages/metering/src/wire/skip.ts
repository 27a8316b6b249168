/**
 * Why a packet was not metered. Decoders return the negative number; statistics show the name. Link types without IP are
 * counted by type instead, see `link-type.ts`.
 */
export const SKIP_NAMES = [
  'none',
  'frame-too-short',
  'not-ip',
  'arp',
  'vlan-truncated',
  'mpls-truncated',
  'ppp-truncated',
  'pppoe-truncated',
  'ppp-control',
  'ip-version',
  'ipv4-truncated',
  'ipv4-header-length',
  'ipv4-total-length',
  'ipv6-truncated',
  'ipv6-extension-truncated',
  'ipv6-no-next-header',
  'fragment',
  'fragment-without-first',
  'tcp-truncated',
  'udp-truncated',
  'tunnel-too-deep',
  'link-type',
  'wifi-not-data',
  'wifi-truncated',
] as const;

export type SkipName = (typeof SKIP_NAMES)[number];
/** A negative number: minus the position in {@link SKIP_NAMES}. */
export type Skip = number;

export const SKIP_FRAME_SHORT: Skip = -1;
export const SKIP_NOT_IP: Skip = -2;
export const SKIP_ARP: Skip = -3;
export const SKIP_VLAN_SHORT: Skip = -4;
export const SKIP_MPLS_SHORT: Skip = -5;
export const SKIP_PPP_SHORT: Skip = -6;
export const SKIP_PPPOE_SHORT: Skip = -7;
export const SKIP_PPP_CONTROL: Skip = -8;
export const SKIP_IP_VERSION: Skip = -9;
export const SKIP_IPV4_SHORT: Skip = -10;
export const SKIP_IPV4_HEADER_LENGTH: Skip = -11;
export const SKIP_IPV4_TOTAL_LENGTH: Skip = -12;
export const SKIP_IPV6_SHORT: Skip = -13;
export const SKIP_IPV6_EXTENSION_SHORT: Skip = -14;
export const SKIP_IPV6_NO_NEXT: Skip = -15;
export const SKIP_FRAGMENT: Skip = -16;
export const SKIP_FRAGMENT_ORPHAN: Skip = -17;
export const SKIP_TCP_SHORT: Skip = -18;
export const SKIP_UDP_SHORT: Skip = -19;
export const SKIP_TUNNEL_DEPTH: Skip = -20;
export const SKIP_LINK_TYPE: Skip = -21;
export const SKIP_WIFI_NOT_DATA: Skip = -22;
export const SKIP_WIFI_SHORT: Skip = -23;
