/** Sum of the big-endian 16-bit words of `bytes[at..at+length)`, an odd last byte padded with zero; not folded. */
export function wordSum(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0;
  const even = at + (length & ~1);
  for (let i = at; i < even; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
  return length & 1 ? sum + (bytes[even] << 8) : sum;
}

/** Folds a sum of 16-bit words into 16 bits by end-around carry (RFC 1071). Exact for sums below 2^48. */
export function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 65536) + Math.floor(folded / 65536);
  return folded;
}

/** The sum that the same bytes have when they begin at an odd offset (RFC 1071, section 2, B). */
export function swapBytes(folded: number): number {
  return ((folded & 0xff) << 8) | (folded >> 8);
}
