import type { Anonymiser } from '@edgeguard/contracts/anonymise';
import type { AddressConflict } from './address-conflict.ts';

/** A conflict whose IP and MAC addresses are pseudonyms: its sentence and its identifier are made of those. */
export function anonymiseConflict(conflict: AddressConflict, anonymiser: Anonymiser): AddressConflict {
  const { address, mac, previousMac, target } = conflict;
  return {
    ...conflict,
    address: anonymiser.identity(address),
    mac: anonymiser.identity(mac),
    previousMac: anonymiser.identity(previousMac),
    target: { address: anonymiser.identity(target.address), mac: anonymiser.identity(target.mac) },
  };
}
