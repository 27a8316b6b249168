import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { MalformedLine } from './flow-log-parser.ts';

/** The object that a line of JSON holds. */
export function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new MalformedLine('not JSON');
  }
  return objectOf(value, 'the line');
}

export function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedLine(`${name} is not an object`);
  }
  return value as Record<string, unknown>;
}

/** A text, `''` where it is absent. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function addressOf(value: unknown, name: string): string {
  const address = typeof value === 'string' ? value : '';
  if (isIPv4(address)) return address;
  // The canonical text of RFC 5952; sensors write all eight groups, or capitals.
  if (isIPv6(address) && !address.includes('%')) return new SocketAddress({ address, family: 'ipv6' }).address;
  throw new MalformedLine(`${name} is not an address`);
}

/** A number of packets or bytes; 0 where it is absent. */
export function countOf(value: unknown, name: string): number {
  if (value === undefined || value === null) return 0;
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw new MalformedLine(`${name} is not a count`);
}

export function portOf(value: unknown, name: string): number {
  const port = countOf(value, name);
  if (port <= 65_535) return port;
  throw new MalformedLine(`${name} is not a port`);
}
