/** The shortest decimal that reads back as the same float32: 0.1 rather than 0.10000000149011612. */
export function float32Text(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

/** {@link float32Text} as a number, for JSON. */
export function float32Number(value: number): number {
  return Number(float32Text(value));
}
