// @ts-check
import { UserError } from '@edgeguard/contracts/problems';

/** The part of danfojs-node that is used here; its own types come with the package, which may be absent. */
/** @typedef {{ DataFrame: new (data: Record<string, (number | string)[]>) => any }} Danfo */

/**
 * Loads danfojs-node, which is installed for this folder alone.
 *
 * @returns {Promise<Danfo>}
 */
export async function loadDanfo() {
  /** @type {string} Not a literal, so that types can be checked where the package is absent. */
  const name = 'danfojs-node';
  try {
    const module = await import(name);
    return module.default ?? module;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UserError(
      name,
      'not installed',
      'run: npm ci --prefix tools/explore (or use --profile, which needs nothing)',
    );
  }
}

/**
 * A sample as a data frame. Timestamps become ISO texts; missing numbers are NaN.
 *
 * @param {Danfo} danfo
 * @param {import('./sample.mjs').Sample} sample
 */
export function dataFrameOf({ DataFrame }, sample) {
  return new DataFrame(
    Object.fromEntries(
      sample.columns.map((kept) => {
        const { name, type } = kept.column;
        if ('texts' in kept) return [name, kept.texts];
        const values = Array.from(kept.numbers);
        return [name, type === 'timestamp' ? values.map((time) => new Date(time).toISOString()) : values];
      }),
    ),
  );
}
