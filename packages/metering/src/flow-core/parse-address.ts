import { UserError } from '@edgeguard/contracts/problems';
import { ipaddr } from '../records/ip-address-library.ts';
import { IPV4_MAPPED } from '../wire/ipv4.ts';

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/**
 * Writes an address into four words at `words[at]`, IPv4 in the IPv4-mapped form.
 *
 * @throws UserError for what is no address
 */
export function parseAddress(text: string, words: Int32Array, at: number): void {
  const octets = IPV4.exec(text);
  if (octets !== null) {
    words[at] = 0;
    words[at + 1] = 0;
    words[at + 2] = IPV4_MAPPED;
    words[at + 3] = (+octets[1] << 24) | (+octets[2] << 16) | (+octets[3] << 8) | +octets[4];
    return;
  }
  if (!ipaddr.IPv6.isValid(text)) throw new UserError('flow', `"${text}" is no address`, 'give IPv4 or IPv6 addresses');
  const { parts } = ipaddr.IPv6.parse(text);
  for (let k = 0; k < 4; k++) words[at + k] = (parts[2 * k] << 16) | parts[2 * k + 1];
}
