import { i32 } from '../wire/decoded-packet.ts';
import { nameText } from './names.ts';

/** DHCP for IPv4 (RFC 2131, options of RFC 2132): the host name that a client gives itself. */
export const DHCP_SERVER_PORT = 67;
const OPERATION = 0;
const REQUEST = 1;
const CLIENT_ADDRESS = 12;
const MAGIC = 236;
const MAGIC_COOKIE = 0x63825363;
const OPTIONS = 240;
const OPTION_PAD = 0;
const OPTION_HOST_NAME = 12;
const OPTION_REQUESTED_ADDRESS = 50;
const OPTION_MESSAGE_TYPE = 53;
const OPTION_END = 255;
const TYPE_REQUEST = 3;

/** What a client's request tells. */
export interface DhcpHost {
  readonly name: string;
  /** IPv4 address in 32 bits. */
  readonly address: number;
}

/** The name and the address of a client's DHCPREQUEST; null for other messages and where one of them is missing. */
export function readDhcpHost(bytes: Uint8Array, start: number, end: number): DhcpHost | null {
  if (start + OPTIONS > end || bytes[start + OPERATION] !== REQUEST) return null;
  if (i32(bytes, start + MAGIC) !== MAGIC_COOKIE) return null;
  let name = '';
  let type = 0;
  let address = i32(bytes, start + CLIENT_ADDRESS);
  for (let at = start + OPTIONS; at < end && bytes[at] !== OPTION_END;) {
    const option = bytes[at];
    if (option === OPTION_PAD) {
      at++;
      continue;
    }
    if (at + 1 >= end) break;
    const value = at + 2;
    const next = value + bytes[at + 1];
    if (next > end) break;
    const length = next - value;
    if (option === OPTION_HOST_NAME && length > 0) name = hostName(bytes, value, next);
    else if (option === OPTION_MESSAGE_TYPE && length === 1) type = bytes[value];
    else if (option === OPTION_REQUESTED_ADDRESS && length === 4 && address === 0) address = i32(bytes, value);
    at = next;
  }
  return type === TYPE_REQUEST && name !== '' && address !== 0 ? { name, address } : null;
}

/** Some clients end the name with a zero byte. */
function hostName(bytes: Uint8Array, start: number, end: number): string {
  return nameText(bytes, start, bytes[end - 1] === 0 ? end - 1 : end);
}
