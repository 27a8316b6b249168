const NANOSECONDS = 1_000_000_000n;

/** `2026-01-05T08:00:01` of nanoseconds since the Unix epoch, UTC, and the nanoseconds that are left. */
function split(time: bigint): [date: string, nanoseconds: string] {
  let seconds = time / NANOSECONDS;
  let rest = time % NANOSECONDS;
  if (rest < 0n) {
    seconds -= 1n;
    rest += NANOSECONDS;
  }
  return [new Date(Number(seconds) * 1000).toISOString().slice(0, 19), String(rest).padStart(9, '0')];
}

/** A time as Suricata writes it: microseconds and a zone, `2026-01-05T08:00:01.000042+0000`. */
export function eveTime(time: bigint): string {
  const [date, nanoseconds] = split(time);
  return `${date}.${nanoseconds.slice(0, 6)}+0000`;
}

/** A time in ISO 8601 with nanoseconds, `2026-01-05T08:00:01.000042000Z`. */
export function isoTime(time: bigint): string {
  const [date, nanoseconds] = split(time);
  return `${date}.${nanoseconds}Z`;
}

/** A time for people, to the millisecond, `2026-01-05 08:00:01.000`. */
export function plainTime(time: bigint): string {
  const [date, nanoseconds] = split(time);
  return `${date.replace('T', ' ')}.${nanoseconds.slice(0, 3)}`;
}
