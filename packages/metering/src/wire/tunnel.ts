/** What carried a packet, as the identity column `tunnel` names it: code 0 is no tunnel. */
export const TUNNEL_NAMES = ['', 'ip-in-ip', 'gtp-u', 'capwap', 'tzsp', 'gre', 'vxlan', 'geneve'] as const;

export type TunnelName = (typeof TUNNEL_NAMES)[number];
/** Position in {@link TUNNEL_NAMES}. */
export type Tunnel = number;

export const TUNNEL_NONE: Tunnel = 0;
export const TUNNEL_IP_IN_IP: Tunnel = 1;
export const TUNNEL_GTP: Tunnel = 2;
export const TUNNEL_CAPWAP: Tunnel = 3;
export const TUNNEL_TZSP: Tunnel = 4;
export const TUNNEL_GRE: Tunnel = 5;
export const TUNNEL_VXLAN: Tunnel = 6;
export const TUNNEL_GENEVE: Tunnel = 7;

/**
 * Whether the tunnel's own packet is metered where nothing in it can be. Without a tunnel there is none, and CAPWAP's radio frames
 * are left out as NFStream does.
 */
export function isMeteredItself(tunnel: Tunnel): boolean {
  return tunnel !== TUNNEL_NONE && tunnel !== TUNNEL_CAPWAP;
}
