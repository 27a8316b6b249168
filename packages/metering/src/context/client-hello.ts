import { u16 } from '../wire/decoded-packet.ts';
import { Ja4Cache } from './ja4-cache.ts';
import { nameText } from './names.ts';

/** TLS ClientHello (RFC 8446, section 4.1.2; RFC 6066 for the server name). */
const HANDSHAKE_HEADER = 4;
const VERSION_AND_RANDOM = 34;
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_SIGNATURE_ALGORITHMS = 13;
const EXTENSION_ALPN = 16;
const EXTENSION_SUPPORTED_VERSIONS = 43;
const NAME_TYPE_HOST = 0;

const fingerprints = new Ja4Cache();

/** What a hello tells of its client and the server that it wants. `serverName` is empty where it names none. */
export interface ClientHello {
  readonly serverName: string;
  readonly ja4: string;
}

/**
 * Reads a whole ClientHello.
 *
 * @param bytes handshake message from its type on
 * @returns null for one whose lists do not fit into each other
 */
export function readClientHello(bytes: Uint8Array): ClientHello | null {
  const end = bytes.length;
  let at = HANDSHAKE_HEADER;
  if (at + VERSION_AND_RANDOM + 1 > end) return null;
  const legacyVersion = u16(bytes, at);
  at += VERSION_AND_RANDOM;
  at += 1 + bytes[at];
  if (at + 2 > end) return null;
  const ciphersEnd = at + 2 + u16(bytes, at);
  if (ciphersEnd + 1 > end) return null;
  const ciphers = numbers(bytes, at + 2, ciphersEnd);
  at = ciphersEnd + 1 + bytes[ciphersEnd];
  if (at > end) return null;
  const extensions: number[] = [];
  let serverName = '';
  let signatureAlgorithms: number[] = [];
  let supportedVersions: number[] = [];
  let alpn = new Uint8Array(0);
  // A hello without extensions ends here.
  const extensionsEnd = at + 2 <= end ? at + 2 + u16(bytes, at) : at;
  if (extensionsEnd > end) return null;
  for (at += 2; at < extensionsEnd;) {
    if (at + 4 > extensionsEnd) return null;
    const type = u16(bytes, at);
    const value = at + 4;
    const next = value + u16(bytes, at + 2);
    if (next > extensionsEnd) return null;
    extensions.push(type);
    if (type === EXTENSION_SERVER_NAME) serverName = readServerName(bytes, value, next);
    else if (type === EXTENSION_SIGNATURE_ALGORITHMS) signatureAlgorithms = numbers(bytes, value + 2, next);
    else if (type === EXTENSION_SUPPORTED_VERSIONS) supportedVersions = numbers(bytes, value + 1, next);
    else if (type === EXTENSION_ALPN) alpn = readFirstProtocol(bytes, value, next);
    at = next;
  }
  return {
    serverName,
    ja4: fingerprints.of({ legacyVersion, ciphers, extensions, signatureAlgorithms, supportedVersions, alpn }),
  };
}

function numbers(bytes: Uint8Array, start: number, end: number): number[] {
  const list: number[] = [];
  for (let at = start; at + 2 <= end; at += 2) list.push(u16(bytes, at));
  return list;
}

function readServerName(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start + 2; at + 3 <= end;) {
    const next = at + 3 + u16(bytes, at + 1);
    if (next > end) return '';
    if (bytes[at] === NAME_TYPE_HOST) return nameText(bytes, at + 3, next);
    at = next;
  }
  return '';
}

function readFirstProtocol(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const at = start + 2;
  if (at >= end || at + 1 + bytes[at] > end) return new Uint8Array(0);
  return Uint8Array.from(bytes.subarray(at + 1, at + 1 + bytes[at]));
}
