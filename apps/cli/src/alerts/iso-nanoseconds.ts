/** Nanoseconds since the Unix epoch of an ISO 8601 time in UTC, with up to nine decimals. */
export function isoNanoseconds(iso: string): bigint {
  const [, whole = '', decimals = ''] = /^([^.]+?)(?:\.(\d+))?Z$/.exec(iso) ?? [];
  return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(decimals.padEnd(9, '0').slice(0, 9));
}
