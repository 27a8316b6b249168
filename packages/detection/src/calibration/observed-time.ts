const NANOSECONDS_PER_DAY = 86_400e9;

/** A pause longer than this is taken as time in which nothing was recorded: one hour, in nanoseconds. */
const LONGEST_PAUSE = 3_600e9;

/** The traffic time that some rows cover. */
export interface ObservedTime {
  /** Nanoseconds since the Unix epoch, as decimal digits. */
  readonly first: string;
  readonly last: string;
  /** Days of traffic, pauses of more than an hour left out: recordings of different weeks do not make months. */
  readonly days: number;
}

/** The time that rows cover, or null where there is none to speak of. `times` are nanoseconds since the Unix epoch. */
export function observedTime(times: BigInt64Array): ObservedTime | null {
  if (times.length < 2) return null;
  const sorted = times.slice().sort();
  const first = sorted[0]!;
  let nanoseconds = 0;
  let before = 0;
  for (let i = 1; i < sorted.length; i++) {
    const at = Number(sorted[i]! - first);
    if (at - before <= LONGEST_PAUSE) nanoseconds += at - before;
    before = at;
  }
  if (nanoseconds === 0) return null;
  return { first: String(first), last: String(sorted.at(-1)!), days: nanoseconds / NANOSECONDS_PER_DAY };
}
