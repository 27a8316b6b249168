import { type BlockList, isIP } from 'node:net';
import {
  addressesOf,
  type SuppressionMatch,
  type SuppressionRule,
  type SuppressionsDocument,
  WEEKDAYS,
} from './suppression-file.ts';

/** What a rule looks at of an alert. */
export interface SuppressionSubject {
  /** Traffic time, nanoseconds since the Unix epoch. */
  readonly time: bigint;
  /** Absent where an alert is about no flow: rules that ask for them do not match. */
  readonly source?: { readonly address: string; readonly port?: number };
  readonly destination?: { readonly address: string; readonly port?: number };
  readonly protocol?: number;
  readonly finding: string;
  /** Features with the largest shares. */
  readonly causes: readonly string[];
}

/** What a rule has done. */
export interface RuleCount {
  readonly rule: SuppressionRule;
  /** Alerts that it suppressed. */
  suppressed: number;
  /** Alerts that it would have suppressed, had it not expired. */
  expired: number;
}

const NANOSECONDS_PER_MINUTE = 60_000_000_000n;
const MINUTES_PER_DAY = 1440;
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;

/** Applies rules to alerts, after scoring: no score changes. The first rule that matches counts the alert. */
export class Suppressor {
  readonly counts: readonly RuleCount[];
  readonly #rules: readonly { readonly count: RuleCount; readonly expires: bigint; readonly test: Test }[];

  constructor({ rules, roles }: SuppressionsDocument) {
    this.counts = rules.map((rule) => ({ rule, suppressed: 0, expired: 0 }));
    const scanners = addressesOf(roles.scanner);
    this.#rules = this.counts.map((count) => ({
      count,
      expires: BigInt(Date.parse(count.rule.expires)) * 1_000_000n,
      test: testOf(count.rule.match, scanners),
    }));
  }

  /** True where a rule that has not expired suppresses an alert. */
  suppresses(subject: SuppressionSubject): boolean {
    for (const { count, expires, test } of this.#rules) {
      if (!test(subject)) continue;
      if (subject.time >= expires) {
        count.expired++;
        continue;
      }
      count.suppressed++;
      return true;
    }
    return false;
  }
}

type Test = (subject: SuppressionSubject) => boolean;

function testOf(match: SuppressionMatch, scanners: BlockList): Test {
  const tests: Test[] = [];
  const { host, network, port, protocol, finding, feature, window, role } = match;
  for (const addresses of [host, network]) {
    if (addresses === undefined) continue;
    const list = addressesOf([addresses]);
    tests.push(({ source, destination }) => has(list, source?.address) || has(list, destination?.address));
  }
  if (port !== undefined) tests.push(({ source, destination }) => source?.port === port || destination?.port === port);
  if (protocol !== undefined) tests.push((subject) => subject.protocol === protocol);
  if (finding !== undefined) tests.push((subject) => subject.finding === finding);
  if (feature !== undefined) {
    const pattern = globPattern(feature);
    tests.push(({ causes }) => causes.some((cause) => pattern.test(cause)));
  }
  if (window) tests.push(({ time }) => isInWindow(time, window));
  if (role === 'scanner') tests.push(({ source }) => has(scanners, source?.address));
  return (subject) => tests.every((test) => test(subject));
}

function has(list: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

function globPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}

function isInWindow(time: bigint, { days, from, to }: NonNullable<SuppressionMatch['window']>): boolean {
  const minutes = Number(time / NANOSECONDS_PER_MINUTE);
  const day = Math.floor(minutes / MINUTES_PER_DAY);
  const minute = minutes - day * MINUTES_PER_DAY;
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const begins = (onDay: number): boolean =>
    days === undefined || days.includes(WEEKDAYS[(onDay + FIRST_WEEKDAY) % 7]!);
  if (begin < end) return begins(day) && minute >= begin && minute < end;
  // Over midnight: it began today, or yesterday.
  return (minute >= begin && begins(day)) || (minute < end && begins(day - 1));
}

function minutesOf(timeOfDay: string): number {
  const [hours, minutes] = timeOfDay.split(':').map(Number);
  return hours! * 60 + minutes!;
}
