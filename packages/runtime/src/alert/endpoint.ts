import type { Endpoint } from './alert.ts';

/** IP protocols with ports: TCP, UDP, DCCP, SCTP, UDPLite. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** One end of a flow, without a port where its protocol has none. */
export function endpointOf(protocol: number, address: string, port: number): Endpoint {
  return WITH_PORTS.has(protocol) ? { address, port } : { address };
}
