import { type Label, LABELS } from '@edgeguard/contracts';
import { type Scores, sortScores } from './scores.ts';

/** What is known about the rows of a split, in file order. */
export interface LabelledRows {
  readonly rows: number;
  /** Index into {@link LABELS}. */
  readonly label: Uint8Array;
  /** Index into `attackNames`; means something for attack rows only. */
  readonly attack: Uint16Array;
  readonly attackNames: readonly string[];
  /** Nanoseconds since the Unix epoch, traffic time; absent where rows have no time. */
  readonly time: BigInt64Array | undefined;
}

/** Code of a label in {@link LabelledRows}. */
export function labelCode(label: Label): number {
  return LABELS.indexOf(label);
}

/** The scores of rows by ground truth, each list ascending. */
export interface GroupedScores {
  readonly normal: Scores;
  readonly attack: Scores;
  readonly collateral: Scores;
  readonly unknown: Scores;
  /** One list per attack that occurs, by name. */
  readonly perAttack: ReadonlyMap<string, Scores>;
}

/** Sorts scores into the groups of ground truth. `scores` has one value per row. */
export function groupScores(rows: LabelledRows, scores: Float32Array): GroupedScores {
  const of = (label: Label): Scores => pick(scores, rows.label, labelCode(label));
  const attackCode = labelCode('attack');
  const perAttack = new Map<string, Scores>();
  const members = rows.attackNames.map(() => 0);
  for (let i = 0; i < rows.rows; i++) if (rows.label[i] === attackCode) members[rows.attack[i]!]!++;
  const lists = members.map((count) => new Float32Array(count));
  const filled = members.map(() => 0);
  for (let i = 0; i < rows.rows; i++) {
    if (rows.label[i] !== attackCode) continue;
    const attack = rows.attack[i]!;
    lists[attack]![filled[attack]!++] = scores[i]!;
  }
  for (const [index, name] of rows.attackNames.entries()) {
    if (members[index]! > 0) perAttack.set(name, sortScores(lists[index]!));
  }
  const sortedNames = new Map([...perAttack].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    normal: of('normal'),
    attack: of('attack'),
    collateral: of('collateral'),
    unknown: of('unknown'),
    perAttack: sortedNames,
  };
}

/** The scores of the rows that have a code, ascending. */
function pick(scores: Float32Array, codes: Uint8Array, code: number): Scores {
  let count = 0;
  for (const value of codes) if (value === code) count++;
  const picked = new Float32Array(count);
  let at = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i] === code) picked[at++] = scores[i]!;
  return sortScores(picked);
}
