import { labelCode, type LabelledRows } from '../metrics/labelled-rows.ts';

/** Attacks as charts show them: the most frequent by themselves, the rest together. */
export interface AttackGroups {
  readonly names: readonly string[];
  /** Group of each attack of `LabelledRows.attackNames`. */
  readonly groupOf: Uint16Array;
}

/** More lines than this in one chart cannot be told apart. */
const MAX_GROUPS = 8;

/** Groups the attacks that occur. Ties are broken by name. */
export function groupAttacks(rows: LabelledRows): AttackGroups {
  const attackCode = labelCode('attack');
  const counts = rows.attackNames.map(() => 0);
  for (let row = 0; row < rows.rows; row++) if (rows.label[row] === attackCode) counts[rows.attack[row]!]!++;
  const present = [...counts.keys()]
    .filter((attack) => counts[attack]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || (rows.attackNames[a]! < rows.attackNames[b]! ? -1 : 1));
  const single = present.length > MAX_GROUPS ? MAX_GROUPS - 1 : present.length;
  const names = present.slice(0, single).map((attack) => rows.attackNames[attack]!);
  const groupOf = new Uint16Array(rows.attackNames.length);
  for (const [place, attack] of present.entries()) groupOf[attack] = Math.min(place, single);
  if (present.length > single) names.push(`${present.length - single} other attacks`);
  return { names, groupOf };
}
