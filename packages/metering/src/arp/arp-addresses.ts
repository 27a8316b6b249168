/** Text of a MAC address held as its upper 16 and lower 32 bits. */
export function formatMac(high: number, low: number): string {
  const digits = (high & 0xffff).toString(16).padStart(4, '0') + (low >>> 0).toString(16).padStart(8, '0');
  return digits.replaceAll(/..(?!$)/g, '$&:');
}

/** Text of an IPv4 address held in 32 bits. */
export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}
