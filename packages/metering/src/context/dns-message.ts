import { i32, u16 } from '../wire/decoded-packet.ts';
import { IPV4_MAPPED } from '../wire/ipv4.ts';
import { LONGEST_NAME, NameBuilder } from './names.ts';

/** DNS messages (RFC 1035) over UDP: addresses in answers. Bounded, and bytes of any kind are safe. */
const HEADER = 12;
const FLAGS = 2;
const RESPONSE = 0x8000;
const ERROR_MASK = 0x000f;
const QUESTIONS = 4;
const ANSWERS = 6;
const AUTHORITIES = 8;
const ADDITIONALS = 10;
/** Type, class, TTL and length of a record; type and class of a question. */
const RECORD = 10;
const QUESTION = 4;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const POINTER = 0xc0;
const LONGEST_LABEL = 63;
const MOST_POINTERS = 16;
/** Records that are looked at, of all that a message says it has. */
const MOST_RECORDS = 64;
const MOST_QUESTIONS = 4;

/** Hears of an address and the name that it was given. `address` is reused: four words, IPv4 in the IPv4-mapped form. */
export type AddressOfName = (name: string, address: Int32Array, ttlSeconds: number) => void;

const address = new Int32Array(4);
const builder = new NameBuilder();

/**
 * Tells the addresses of a response.
 *
 * @param byOwner true gives each address its own record's name, as in multicast DNS, and looks at additional records too;
 *                false the name that was asked for, whatever aliases lead to the address
 * @returns false where the message is no response, tells an error, or cannot be read to its end
 */
export function readDnsAddresses(
  bytes: Uint8Array,
  start: number,
  end: number,
  byOwner: boolean,
  found: AddressOfName,
): boolean {
  if (start + HEADER > end) return false;
  const flags = u16(bytes, start + FLAGS);
  if ((flags & RESPONSE) === 0 || (flags & ERROR_MASK) !== 0) return false;
  const questions = u16(bytes, start + QUESTIONS);
  if (questions > MOST_QUESTIONS || (!byOwner && questions !== 1)) return false;
  let at = start + HEADER;
  let askedAt = at;
  let asked: string | undefined;
  for (let k = 0; k < questions; k++) {
    askedAt = at;
    at = skipName(bytes, at, end) + QUESTION;
    if (at > end) return false;
  }
  let records = u16(bytes, start + ANSWERS);
  if (byOwner) records += u16(bytes, start + AUTHORITIES) + u16(bytes, start + ADDITIONALS);
  records = Math.min(records, MOST_RECORDS);
  for (let k = 0; k < records; k++) {
    const owner = at;
    at = skipName(bytes, at, end);
    if (at + RECORD > end) return false;
    const type = u16(bytes, at);
    const ttl = i32(bytes, at + 4);
    const length = u16(bytes, at + 8);
    at += RECORD;
    if (at + length > end) return false;
    if (readAddress(bytes, at, type, length)) {
      const name = byOwner ? readName(bytes, owner, start, end) : (asked ??= readName(bytes, askedAt, start, end));
      // A TTL with the highest bit set counts as zero (RFC 2181).
      if (name !== '') found(name, address, ttl < 0 ? 0 : ttl);
    }
    at += length;
  }
  return true;
}

function readAddress(bytes: Uint8Array, at: number, type: number, length: number): boolean {
  if (type === TYPE_A && length === 4) {
    address[0] = 0;
    address[1] = 0;
    address[2] = IPV4_MAPPED;
    address[3] = i32(bytes, at);
    return true;
  }
  if (type !== TYPE_AAAA || length !== 16) return false;
  for (let k = 0; k < 4; k++) address[k] = i32(bytes, at + 4 * k);
  return true;
}

/** Where a name ends; beyond `end` where it does not. */
function skipName(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const length = bytes[at];
    if (length === 0) return at + 1;
    if ((length & POINTER) === POINTER) return at + 2;
    if (length > LONGEST_LABEL) return end + 1;
    at += 1 + length;
  }
  return end + 1;
}

/** A name with its labels joined by dots; empty for the root and for one that cannot be read. */
function readName(bytes: Uint8Array, at: number, start: number, end: number): string {
  builder.clear();
  let pointers = 0;
  while (at < end) {
    const length = bytes[at];
    if (length === 0) return builder.toString();
    if ((length & POINTER) === POINTER) {
      if (at + 1 >= end || ++pointers > MOST_POINTERS) return '';
      at = start + (u16(bytes, at) & 0x3fff);
      continue;
    }
    if (length > LONGEST_LABEL || at + 1 + length > end || builder.length + length > LONGEST_NAME) return '';
    builder.label(bytes, at + 1, at + 1 + length);
    at += 1 + length;
  }
  return '';
}
