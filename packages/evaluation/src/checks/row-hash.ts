/**
 * 53-bit hashes of rows [count, width], by their float32 bits: rows with equal hashes are taken as equal. Among a
 * million rows the chance that any two different ones meet is below one in ten thousand.
 */
export function hashRows(rows: Float32Array, count: number, width: number, hashes: Float64Array): void {
  const words = new Uint32Array(rows.buffer, rows.byteOffset, count * width);
  for (let row = 0, at = 0; row < count; row++) {
    let a = 0x9e3779b9;
    let b = 0x85ebca6b;
    for (let i = 0; i < width; i++, at++) {
      // -0 and 0 are the same value.
      const word = words[at] === 0x8000_0000 ? 0 : words[at]!;
      a = Math.imul(a ^ word, 0xcc9e2d51);
      a = (a << 15) | (a >>> 17);
      b = Math.imul(b ^ word ^ a, 0x1b873593);
      b = (b << 13) | (b >>> 19);
    }
    hashes[row] = (scramble(a ^ width) >>> 0) * 0x20_0000 + (scramble(b) >>> 11);
  }
}

/** The finaliser of MurmurHash3 (Appleby): every bit of the input moves every bit of the output. */
function scramble(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
