const MILLISECOND = 1_000_000n;
const SECOND = 1_000_000_000n;
/** Seconds from 1900, where NTP timestamps begin, to 1970. */
const NTP_EPOCH = 2_208_988_800n;

/** Milliseconds after which the 32-bit uptime comes round: 49 days. */
const UPTIME_PERIOD = 2 ** 32;
/** Clocks of routers are not that exact: a flow may seem to end so many milliseconds after its export. */
const TOLERANCE = 600_000;

/**
 * The instant at which the exporter's uptime was `then` milliseconds, when it is `uptime` now. It lies in the past, and
 * the counter may have come round since.
 */
export function fromUptime(now: bigint, uptime: number, then: number): bigint {
  const ago = (uptime - then) >>> 0;
  const instant = now - BigInt(ago > UPTIME_PERIOD - TOLERANCE ? ago - UPTIME_PERIOD : ago) * MILLISECOND;
  return instant < 0n ? 0n : instant;
}

/** A 64-bit NTP timestamp, as IPFIX uses it for micro- and nanoseconds (RFC 7011, section 6.1.9). */
export function fromNtp(seconds: number, fraction: number): bigint {
  const instant = (BigInt(seconds) - NTP_EPOCH) * SECOND + ((BigInt(fraction) * SECOND) >> 32n);
  return instant < 0n ? 0n : instant;
}

export function fromSeconds(seconds: number): bigint {
  return BigInt(seconds) * SECOND;
}

/** Milliseconds since the epoch; what no time can be becomes 0. */
export function fromMilliseconds(milliseconds: number): bigint {
  return milliseconds < 9.2e15 / 1000 ? BigInt(milliseconds) * MILLISECOND : 0n;
}

export function fromMicroseconds(microseconds: number): bigint {
  return BigInt(Math.round(microseconds)) * 1000n;
}
