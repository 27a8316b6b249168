/** Nanoseconds since the Unix epoch as a date that people read, to the second. */
export function utcTime(nanoseconds: string): string {
  const date = new Date(Number(BigInt(nanoseconds) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? nanoseconds : date.toISOString().slice(0, 19).replace('T', ' ');
}
