import { createHash } from 'node:crypto';
import type { AlertFlow } from './alert.ts';

/**
 * A number for a flow: a hash of its five-tuple and start, so that every record of a flow has the same one, in every
 * run. 52 bits, as Suricata's, which every JSON reader keeps exactly.
 */
export function flowId({ source, destination, protocol, start }: AlertFlow): number {
  const tuple = [source.address, source.port ?? 0, destination.address, destination.port ?? 0, protocol, start];
  const hash = createHash('sha256').update(tuple.join('|')).digest();
  return hash.readUIntBE(0, 6) * 16 + (hash.readUInt8(6) >> 4);
}
