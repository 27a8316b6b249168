const SECOND = 1_000_000_000n;
const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

/** Seconds since the epoch in decimal notation to nanoseconds, exactly; undefined when it is no such number. */
export function nanosecondsOfDecimal(text: string): bigint | undefined {
  const match = /^(\d{1,10})(?:\.(\d{1,9})\d*)?$/.exec(text);
  if (match === null) return undefined;
  return BigInt(match[1]) * SECOND + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** A number of seconds from JSON. A double holds microseconds of today's times and no more. */
export function nanosecondsOfNumber(seconds: number): bigint | undefined {
  if (!(seconds >= 0 && seconds < 1e10)) return undefined;
  return BigInt(Math.round(seconds * 1e6)) * 1000n;
}

/** ISO 8601 as sensors write it, with `+0000` as well as `+00:00`; without a zone it is UTC. */
export function nanosecondsOfIso(text: string): bigint | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const zone = match[8] ?? 'Z';
  let offset = 0;
  if (zone !== 'Z') {
    const digits = zone.replace(':', '');
    offset = (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))) * (zone.startsWith('-') ? -60 : 60);
  }
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offset;
  if (!Number.isFinite(seconds) || seconds < 0) return undefined;
  return BigInt(seconds) * SECOND + BigInt((match[7] ?? '').padEnd(9, '0'));
}
