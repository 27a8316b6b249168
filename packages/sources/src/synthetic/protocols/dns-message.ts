import type { Random } from '../engine/random.ts';
import { ByteBuilder } from '../wire/byte-builder.ts';
import { bytesContent, type Content } from '../wire/content.ts';

export const DNS_PORT = 53;
export const DNS_TYPE_A = 1;
const DNS_TYPE_PTR = 12;
export const DNS_TYPE_TXT = 16;
export const DNS_TYPE_AAAA = 28;

const FLAGS_QUERY = 0x0100;
const FLAGS_ANSWER = 0x8180;
const FLAGS_NAME_ERROR = 0x8183;
const CLASS_IN = 1;
const POINTER_TO_QUESTION = 0xc00c;

/** A query for one name (RFC 1035, section 4). */
export function dnsQuery(id: number, name: string, type: number): Content {
  const message = new ByteBuilder().u16(id, FLAGS_QUERY, 1, 0, 0, 0);
  return bytesContent(question(message, name, type).build());
}

/** Its answer with the given records' data, each with the same time to live. */
export function dnsAnswer(
  id: number,
  name: string,
  type: number,
  records: readonly Uint8Array[],
  ttl: number,
): Content {
  const message = new ByteBuilder().u16(id, FLAGS_ANSWER, 1, records.length, 0, 0);
  question(message, name, type);
  for (const data of records) {
    message.u16(POINTER_TO_QUESTION, type, CLASS_IN).u32(ttl).u16(data.length).raw(data);
  }
  return bytesContent(message.build());
}

/** The answer that there is no such name. */
export function dnsNameError(id: number, name: string, type: number): Content {
  const message = new ByteBuilder().u16(id, FLAGS_NAME_ERROR, 1, 0, 0, 0);
  return bytesContent(question(message, name, type).build());
}

/** Addresses of the given type: `first`, and at times others beside it. */
export function addressRecords(first: Uint8Array, random: Random): Uint8Array[] {
  const records = [first];
  while (records.length < 4 && random.chance(0.35)) {
    const other = Uint8Array.from(first);
    other[other.length - 1] = random.integer(1, 254);
    records.push(other);
  }
  return records;
}

function question(message: ByteBuilder, name: string, type: number): ByteBuilder {
  for (const label of name.split('.')) message.sized(1, (inner) => inner.text(label));
  return message.u8(0).u16(type, CLASS_IN);
}

/** A multicast question for pointers to services (RFC 6762, section 5). */
export function mdnsQuery(names: readonly string[]): Content {
  const message = new ByteBuilder().u16(0, 0, names.length, 0, 0, 0);
  for (const name of names) question(message, name, DNS_TYPE_PTR);
  return bytesContent(message.build());
}
