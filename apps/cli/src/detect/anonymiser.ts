import { Anonymiser, readAnonymisationKey } from '@edgeguard/contracts/anonymise';

/** The anonymiser that an option asks for: none, one of a key file, or one whose key nobody will know. */
export async function anonymiserOf(option: string | true | undefined): Promise<Anonymiser | undefined> {
  if (option === undefined) return undefined;
  return option === true ? new Anonymiser() : new Anonymiser(await readAnonymisationKey(option));
}
