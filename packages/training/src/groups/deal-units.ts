import { UserError } from '@edgeguard/contracts';

/**
 * The group of every unit of every layer, from input to output. Each hidden layer's units are dealt to the groups in proportion to
 * their inputs, at least one each, in the order of the groups.
 *
 * @param ofInput the group of each model input, from 0 and none left out
 * @throws UserError when a hidden layer has fewer units than there are groups
 */
export function groupUnits(ofInput: Uint32Array, hidden: readonly number[]): Uint32Array[] {
  const sizes = new Uint32Array(ofInput.reduce((most, group) => Math.max(most, group), 0) + 1);
  for (const group of ofInput) sizes[group]!++;
  const narrowest = Math.min(...hidden);
  if (narrowest < sizes.length) {
    throw new UserError(
      'train.network.hidden',
      `a layer of ${narrowest} units cannot serve ${sizes.length} groups of features`,
      `give every layer at least ${sizes.length}, or raise train.network.groups.largest`,
    );
  }
  const layers = hidden.map((units) => {
    const ofUnit = new Uint32Array(units);
    let at = 0;
    for (const [group, count] of dealUnits(units, sizes).entries()) ofUnit.fill(group, at, (at += count));
    return ofUnit;
  });
  return [ofInput, ...layers, ofInput];
}

/** Shares of `units`, at least 1 each, by largest remainder: the share furthest below its quota gets the next unit. */
function dealUnits(units: number, sizes: Uint32Array): Uint32Array {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const shares = new Uint32Array(sizes.length).fill(1);
  for (let left = units - sizes.length; left > 0; left--) {
    let neediest = 0;
    let most = -Infinity;
    for (const [group, size] of sizes.entries()) {
      const missing = (units * size) / total - shares[group]!;
      if (missing <= most) continue;
      most = missing;
      neediest = group;
    }
    shares[neediest]!++;
  }
  return shares;
}
