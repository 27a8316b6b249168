import { randomBytes } from 'node:crypto';
import type { MeteringSettings } from '@edgeguard/contracts';
import { UserError } from '@edgeguard/contracts/problems';

/** How packets become records. The settings of the config, and what only code decides. */
export interface MeteringOptions extends MeteringSettings {
  /** Compute host windows and features. Without, records carry measurements only. */
  features: boolean;
  /** Keep names and fingerprints for people: DNS, TLS, DHCP and multicast DNS. Never model inputs. */
  context: boolean;
  /** Meter what a tunnel carries; without, the tunnel's own packets. */
  decapsulate: boolean;
  /** `first`: only first fragments are metered. `follow`: later ones go to the flow of their first. */
  fragments: 'first' | 'follow';
  /** With `tcp-close`: a flow that nobody answers ends after so long without a packet. Seconds. */
  unansweredTimeoutSeconds: number;
  /** Secret of the hash tables: placement only, never a result. Random by default. */
  hashSeed: number;
}

/** Private and link-local networks: RFC 1918, RFC 4193, RFC 4291. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'];

/**
 * For detection: TCP closes end flows, records are emitted early, features are computed. The defaults of the config.
 */
export const DETECTION_OPTIONS: Omit<MeteringOptions, 'hashSeed'> = {
  idleTimeoutSeconds: 120,
  activeTimeoutSeconds: 1800,
  flowEnd: 'tcp-close',
  lingerSeconds: 5,
  earlyRecords: true,
  maxFlows: 262_144,
  maxHosts: 65_536,
  homeNetworks: PRIVATE_NETWORKS,
  features: true,
  context: true,
  decapsulate: true,
  fragments: 'follow',
  unansweredTimeoutSeconds: 30,
};

/** For flow accounting, comparable with NFStream: timeouts alone end flows, one record per flow, no features. */
export const ACCOUNTING_OPTIONS: Omit<MeteringOptions, 'hashSeed'> = {
  ...DETECTION_OPTIONS,
  flowEnd: 'timeouts',
  earlyRecords: false,
  features: false,
  context: false,
  fragments: 'first',
};

/**
 * Completes options with {@link DETECTION_OPTIONS} and checks them. Where timeouts alone end flows, fragments are metered
 * as NFStream does unless asked otherwise.
 * @throws UserError naming the option that is out of range
 */
export function completeOptions(options: Partial<MeteringOptions>): MeteringOptions {
  const hashSeed = options.hashSeed ?? randomBytes(4).readInt32LE();
  const fragments = options.fragments ?? (options.flowEnd === 'timeouts' ? 'first' : 'follow');
  const complete: MeteringOptions = { ...DETECTION_OPTIONS, ...options, fragments, hashSeed };
  requirePositive('idleTimeoutSeconds', complete.idleTimeoutSeconds);
  requirePositive('activeTimeoutSeconds', complete.activeTimeoutSeconds);
  requirePositive('unansweredTimeoutSeconds', complete.unansweredTimeoutSeconds);
  if (!(complete.lingerSeconds >= 0) || !Number.isFinite(complete.lingerSeconds)) {
    throw new UserError('metering.lingerSeconds', `${complete.lingerSeconds} is no duration`, 'use 0 or more seconds');
  }
  requireCapacity('maxFlows', complete.maxFlows);
  requireCapacity('maxHosts', complete.maxHosts);
  return complete;
}

function requirePositive(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new UserError(`metering.${name}`, `${value} is no duration`, 'use a number of seconds above 0');
}

function requireCapacity(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= 2 ** 24) return;
  throw new UserError(`metering.${name}`, `${value} is no table size`, 'use a whole number from 1 to 16,777,216');
}
