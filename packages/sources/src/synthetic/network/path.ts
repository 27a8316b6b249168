import type { Random } from '../engine/random.ts';

/** How a party is reached from the sensor, which sits where the home network, the servers and the Internet meet. */
export interface Attachment {
  /** Seconds from the sensor to the party and back. */
  readonly delay: number;
  /** Share of `delay` by which it varies from packet to packet. */
  readonly jitter: number;
  /** Bytes per second. */
  readonly bandwidth: number;
  /** Probability that a segment gets lost on this side. */
  readonly loss: number;
}

export const WIRED: Attachment = { delay: 0.0003, jitter: 0.3, bandwidth: 60e6, loss: 0.00001 };
export const WIRELESS: Attachment = { delay: 0.003, jitter: 0.8, bandwidth: 6e6, loss: 0.0006 };

/** A place somewhere on the Internet: 8 to 180 ms away, some of them badly connected. */
export function internetAttachment(random: Random): Attachment {
  return {
    delay: Math.min(0.18, random.heavyTailed(0.022, 0.18, 1.6) + 0.008),
    jitter: random.between(0.02, 0.2),
    bandwidth: random.between(0.6e6, 9e6),
    loss: random.chance(0.15) ? 0.006 : 0.0005,
  };
}
