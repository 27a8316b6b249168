import { ByteBuilder } from '../wire/byte-builder.ts';
import { bytesContent, type Content } from '../wire/content.ts';

export const DHCP_CLIENT_PORT = 68;
export const DHCP_SERVER_PORT = 67;

/** Message types (RFC 2132, section 9.6). */
export const DHCP_DISCOVER = 1;
export const DHCP_OFFER = 2;
export const DHCP_REQUEST = 3;
export const DHCP_ACK = 5;

const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const COOKIE = 0x63825363;
const SMALLEST = 300;
const LEASE_SECONDS = 86_400;
const NO_ADDRESS = new Uint8Array(4);

/** What a DHCP message is about. */
export interface Lease {
  readonly transaction: number;
  readonly mac: Uint8Array;
  /** The address that is asked for or given. */
  readonly address: Uint8Array;
  readonly server: Uint8Array;
  readonly hostName: string;
}

/** A message of the client; when it renews, it has its address already (RFC 2131, section 4.4). */
export function dhcpRequest(type: number, lease: Lease, renews: boolean): Content {
  const message = header(BOOT_REQUEST, lease, renews ? lease.address : NO_ADDRESS, NO_ADDRESS).u8(53, 1, type);
  if (type === DHCP_REQUEST && !renews) message.u8(50, 4).raw(lease.address).u8(54, 4).raw(lease.server);
  message.u8(12).sized(1, (name) => name.text(lease.hostName));
  return finish(message.u8(55, 4, 1, 3, 6, 51));
}

/** A message of the server: an address, its mask, router, name server and lease time. */
export function dhcpReply(type: number, lease: Lease, router: Uint8Array): Content {
  const message = header(BOOT_REPLY, lease, NO_ADDRESS, lease.address).u8(53, 1, type, 54, 4).raw(lease.server);
  message.u8(51, 4).u32(LEASE_SECONDS).u8(1, 4, 255, 255, 255, 0, 3, 4).raw(router).u8(6, 4).raw(lease.server);
  return finish(message);
}

function header(operation: number, lease: Lease, client: Uint8Array, yours: Uint8Array): ByteBuilder {
  const message = new ByteBuilder().u8(operation, 1, 6, 0).u32(lease.transaction).u16(0, 0);
  message.raw(client).raw(yours).raw(NO_ADDRESS).raw(NO_ADDRESS);
  // Hardware address, server name and boot file name have fixed widths.
  return message
    .raw(lease.mac)
    .raw(new Uint8Array(10 + 64 + 128))
    .u32(COOKIE);
}

function finish(message: ByteBuilder): Content {
  message.u8(255);
  return bytesContent(message.raw(new Uint8Array(Math.max(0, SMALLEST - message.length))).build());
}
