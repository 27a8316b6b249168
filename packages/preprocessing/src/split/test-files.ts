import { UserError } from '@edgeguard/contracts';

/** Names shown in an error at most. */
const SHOWN = 5;

/** Checks that every test file that the config names has rows. */
export function assertTestFilesExist(place: string, test: readonly string[], known: Iterable<string>): void {
  const names = [...known];
  const missing = test.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const shown = names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');
  throw new UserError(place, `no row comes from the test file "${missing}"`, `name files of: ${shown}`);
}
