/** What an alert is called: Suricata's identifiers in the range that is left to local use, 1,000,000 to 1,999,999. */
export interface Signature {
  readonly id: number;
  readonly revision: number;
  readonly text: string;
}

/**
 * Identifiers by the feature family that added the most to the score. A number is never given to another meaning:
 * operators filter by it.
 */
const FAMILIES: Readonly<Record<string, Signature>> = {};

/** For families that have no identifier of their own, as those of tables that users bring. */
const UNUSUAL: Signature = { id: 1_000_001, revision: 1, text: 'EdgeGuard unusual flow' };

/** The signature of an alert whose largest contribution belongs to `family`. */
export function signatureOf(family: string | undefined): Signature {
  return (family === undefined ? undefined : FAMILIES[family]) ?? UNUSUAL;
}
