import type { Address } from '../wire/address.ts';
import type { Attachment } from './path.ts';
import { plainPort } from './plain-port.ts';

/** What a home device is; it decides what it does and when. */
export const DEVICE_KINDS = ['laptop', 'phone', 'desktop', 'television', 'camera', 'sensor', 'printer'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** A party of conversations: a home device, a server of the house, or a peer on the Internet. */
export interface Host {
  readonly name: string;
  readonly ipv4: Address;
  readonly ipv6: Address | undefined;
  readonly attachment: Attachment;
  /** Whether its TCP uses timestamps (Linux, macOS, Android) or not (Windows, small devices). */
  readonly tcpTimestamps: boolean;
  /** Milliseconds that its TCP timestamp clock was ahead when the capture began. */
  readonly clockOffset: number;
  /** Receive window that it advertises, already scaled. */
  readonly window: number;
  /** Its next ephemeral port. */
  nextPort: number;
}

/** A device of the home network. */
export interface Device extends Host {
  readonly kind: DeviceKind;
}

/** A server of the house, or a peer, with the names under which it is found. */
export interface Service extends Host {
  readonly domain: string;
}

const FIRST_EPHEMERAL_PORT = 32_768;
const LAST_EPHEMERAL_PORT = 60_999;

/** Takes the host's next ephemeral port; ports come round again after about 28,000 conversations. */
export function takePort(host: Host): number {
  const port = plainPort(host.nextPort);
  host.nextPort = port >= LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
  return port;
}

/** A starting point for {@link takePort}. */
export function firstPort(random: { integer(low: number, high: number): number }): number {
  return plainPort(random.integer(FIRST_EPHEMERAL_PORT, LAST_EPHEMERAL_PORT));
}
