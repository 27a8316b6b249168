import { createHash } from 'node:crypto';

/** What JA4 is made of, in the order of the ClientHello. */
export interface ClientHelloFields {
  /** Version field of the hello itself, for clients without the extension `supported_versions`. */
  readonly legacyVersion: number;
  readonly ciphers: readonly number[];
  readonly extensions: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  readonly supportedVersions: readonly number[];
  /** First protocol of ALPN as bytes; empty without. */
  readonly alpn: Uint8Array;
}

const EXTENSION_SERVER_NAME = 0x0000;
const EXTENSION_ALPN = 0x0010;
const HASH_DIGITS = 12;
const NOTHING = '0'.repeat(HASH_DIGITS);
const VERSIONS: Readonly<Record<number, string>> = {
  0x0304: '13',
  0x0303: '12',
  0x0302: '11',
  0x0301: '10',
  0x0300: 's3',
  0x0002: 's2',
};

/**
 * The JA4 fingerprint of a TLS client over TCP (https://github.com/FoxIO-LLC/ja4, JA4 TLS Client Fingerprinting, which its
 * authors put under BSD 3-Clause): transport, version, whether a server is named, numbers of ciphers and extensions, first
 * ALPN value; hash of the sorted ciphers; hash of the sorted extensions and of the signature algorithms in their order.
 * GREASE values (RFC 8701) count for nothing.
 */
export function ja4(hello: ClientHelloFields): string {
  const ciphers = hello.ciphers.filter(isNoGrease);
  const extensions = hello.extensions.filter(isNoGrease);
  const version = versionOf(hello);
  const named = extensions.includes(EXTENSION_SERVER_NAME) ? 'd' : 'i';
  const head = `t${VERSIONS[version] ?? '00'}${named}${twoDigits(ciphers.length)}${twoDigits(extensions.length)}${alpnOf(hello.alpn)}`;
  const sorted = hexList(extensions.filter((e) => e !== EXTENSION_SERVER_NAME && e !== EXTENSION_ALPN)).sort();
  const algorithms = hexList(hello.signatureAlgorithms.filter(isNoGrease));
  const tail = algorithms.length === 0 ? sorted.join(',') : `${sorted.join(',')}_${algorithms.join(',')}`;
  return `${head}_${shortHash(hexList(ciphers).sort().join(','))}_${sorted.length === 0 ? NOTHING : shortHash(tail)}`;
}

/** The highest version that the client supports. */
export function versionOf(hello: ClientHelloFields): number {
  let highest = 0;
  for (const version of hello.supportedVersions) if (isNoGrease(version) && version > highest) highest = version;
  return highest || hello.legacyVersion;
}

/** False for the values that clients make up to keep servers tolerant. */
export function isNoGrease(value: number): boolean {
  return (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff);
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

function hexList(values: readonly number[]): string[] {
  return values.map((value) => value.toString(16).padStart(4, '0'));
}

function shortHash(text: string): string {
  return text === '' ? NOTHING : createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}

/** First and last character; of the hexadecimal form where one of them is no letter or digit. */
function alpnOf(alpn: Uint8Array): string {
  if (alpn.length === 0) return '00';
  const text = [alpn[0], alpn[alpn.length - 1]].map((byte) => String.fromCharCode(byte)).join('');
  if (/^[0-9A-Za-z]{2}$/.test(text)) return text;
  const hex = Array.from(alpn, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex[0] + hex[hex.length - 1];
}
