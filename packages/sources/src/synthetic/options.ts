import { UserError } from '@edgeguard/contracts/problems';
import type { AttackPlan } from './attacks/attack.ts';
import { ATTACKS } from './attacks/attacks.ts';

/** An attack as the user asks for it. */
export interface AttackRequest {
  /** One of `describeAttacks()`. */
  readonly kind: string;
  /** Seconds after the start of the capture. */
  readonly start: number;
  /** Seconds; the attack's usual duration by default. */
  readonly duration?: number;
  /** Multiplies the attack's rate; 1 by default, up to 100. */
  readonly intensity?: number;
}

export interface SyntheticOptions {
  /** Decides everything: the same options give the same bytes on every machine. */
  readonly seed: number;
  /** Seconds since the Unix epoch; Monday 2024-01-15 08:00 UTC by default. It sets where the daily rhythm begins. */
  readonly startTime?: number;
  /** Eight hours by default, at most 60 days. */
  readonly durationSeconds?: number;
  /** Devices of the home network, 30 by default; servers and peers come in addition. */
  readonly hosts?: number;
  /** `default`: one of each kind in the last quarter, so that the time before is clean. */
  readonly attacks?: readonly AttackRequest[] | 'default' | 'none';
  /** Multiplies how often normal things happen, 1 by default; guests come as they come. */
  readonly activity?: number;
  /** Bytes of each frame that are kept, 96 by default: headers only. */
  readonly snapLength?: number;
}

/** All options, with the defaults filled in. */
export interface SyntheticPlan {
  readonly seed: number;
  readonly startTime: number;
  readonly durationSeconds: number;
  readonly hosts: number;
  readonly attacks: readonly AttackPlan[];
  readonly activity: number;
  readonly snapLength: number;
}

const DEFAULT_START = 1_705_305_600;
const DEFAULT_DURATION = 8 * 3600;
const DEFAULT_HOSTS = 30;
const DEFAULT_SNAP_LENGTH = 96;
const LONGEST = 60 * 86_400;
/** Attacks of the default plan begin in this part of the capture. */
const FIRST_ATTACK = 0.74;
const LAST_ATTACK = 0.94;

/**
 * Fills in defaults.
 *
 * @throws UserError for a value out of range or an unknown attack
 */
export function planTraffic(options: SyntheticOptions): SyntheticPlan {
  const durationSeconds = inRange('durationSeconds', options.durationSeconds ?? DEFAULT_DURATION, 1, LONGEST);
  return {
    seed: wholeInRange('seed', options.seed, 0, Number.MAX_SAFE_INTEGER),
    startTime: wholeInRange('startTime', options.startTime ?? DEFAULT_START, 0, 0xffffffff - LONGEST),
    durationSeconds,
    hosts: wholeInRange('hosts', options.hosts ?? DEFAULT_HOSTS, 1, 200),
    attacks: planAttacks(options.attacks ?? 'default', durationSeconds),
    activity: inRange('activity', options.activity ?? 1, 0.001, 100),
    snapLength: wholeInRange('snapLength', options.snapLength ?? DEFAULT_SNAP_LENGTH, 96, 2048),
  };
}

function planAttacks(attacks: readonly AttackRequest[] | 'default' | 'none', durationSeconds: number): AttackPlan[] {
  if (attacks === 'none') return [];
  if (attacks === 'default') {
    return ATTACKS.map(({ name, usualDuration }, i) => ({
      kind: name,
      start: durationSeconds * (FIRST_ATTACK + ((LAST_ATTACK - FIRST_ATTACK) * i) / Math.max(1, ATTACKS.length - 1)),
      duration: Math.min(usualDuration, 0.05 * durationSeconds),
      intensity: 1,
    }));
  }
  return attacks.map(({ kind, start, duration, intensity }, i) => {
    const known = ATTACKS.find(({ name }) => name === kind);
    if (known === undefined) {
      const names = ATTACKS.map(({ name }) => name).join(', ');
      throw new UserError(`attacks[${i}].kind`, `there is no attack '${kind}'`, `choose one of ${names}`);
    }
    return {
      kind,
      start: inRange(`attacks[${i}].start`, start, 0, durationSeconds),
      duration: inRange(`attacks[${i}].duration`, duration ?? known.usualDuration, 0.001, LONGEST),
      intensity: inRange(`attacks[${i}].intensity`, intensity ?? 1, 0.001, 100),
    };
  });
}

function inRange(name: string, value: number, lowest: number, highest: number): number {
  if (value >= lowest && value <= highest) return value;
  throw new UserError(name, `${value} is out of range`, `give a number from ${lowest} to ${highest}`);
}

function wholeInRange(name: string, value: number, lowest: number, highest: number): number {
  if (Number.isInteger(value)) return inRange(name, value, lowest, highest);
  throw new UserError(name, `${value} is not a whole number`, `give a whole number from ${lowest} to ${highest}`);
}
