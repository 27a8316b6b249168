/** EtherTypes that the meter knows (IEEE 802 numbers, https://www.iana.org/assignments/ieee-802-numbers). */
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_PROVIDER_VLAN = 0x88a8;
export const ETHERTYPE_QINQ_9100 = 0x9100;
export const ETHERTYPE_QINQ_9200 = 0x9200;
export const ETHERTYPE_IPV6 = 0x86dd;
export const ETHERTYPE_MPLS = 0x8847;
export const ETHERTYPE_MPLS_MULTICAST = 0x8848;
export const ETHERTYPE_PPPOE_SESSION = 0x8864;
export const ETHERTYPE_PPP = 0x880b;
/** Transparent Ethernet bridging: an Ethernet frame, as in GRE and Geneve. */
export const ETHERTYPE_BRIDGED = 0x6558;
/** Values up to this one are a length (IEEE 802.3), not an EtherType. */
export const LARGEST_8023_LENGTH = 1500;
