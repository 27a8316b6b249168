import { UserError } from '@edgeguard/contracts';

/** What an operator can bear, in one of the ways that people say it. */
export type Budget =
  /** A share of normal rows. */
  | { readonly kind: 'rate'; readonly rate: number }
  /** Episodes in a span of traffic time, or alarms where a detector cannot tell of episodes. */
  | { readonly kind: 'alarms'; readonly count: number; readonly seconds: number }
  /** A share of blocks (days, or days of a host) in which any alarm is raised. */
  | { readonly kind: 'blocks'; readonly rate: number }
  /** The share of calibration rows that lie at or below the threshold; promises nothing beyond them. */
  | { readonly kind: 'quantile'; readonly quantile: number }
  /** The threshold itself. */
  | { readonly kind: 'score'; readonly score: number };

const SPANS: Readonly<Record<string, number>> = { hour: 3600, day: 86_400, week: 604_800 };
const NUMBER = String.raw`(\d+(?:\.\d*)?(?:e[+-]?\d+)?)`;

/**
 * Reads `0.1%`, `5/day` (also `/hour`, `/week`), `5% of blocks`, `quantile=0.999` or `score=12.5`.
 *
 * @throws UserError for anything else
 */
export function parseBudget(text: string): Budget {
  const number = (pattern: string): RegExpExecArray | null => new RegExp(`^${pattern}$`, 'i').exec(text.trim());
  const blocks = number(`${NUMBER} ?% of blocks`);
  if (blocks) return { kind: 'blocks', rate: inside(text, Number(blocks[1]) / 100) };
  const percent = number(`${NUMBER} ?%`);
  if (percent) return { kind: 'rate', rate: inside(text, Number(percent[1]) / 100) };
  const alarms = number(`${NUMBER} ?/ ?(hour|day|week)`);
  if (alarms) {
    const count = Number(alarms[1]);
    if (!(count > 0)) throw wrong(text, 'no alarm at all is no budget');
    return { kind: 'alarms', count, seconds: SPANS[alarms[2]!.toLowerCase()]! };
  }
  const quantile = number(`quantile=${NUMBER}`);
  if (quantile) return { kind: 'quantile', quantile: inside(text, Number(quantile[1])) };
  const score = number(`score=(-?)${NUMBER}`);
  if (score) return { kind: 'score', score: Number(`${score[1]}${score[2]}`) };
  throw wrong(text, 'not a budget');
}

function inside(text: string, share: number): number {
  if (!(share > 0 && share < 1)) throw wrong(text, 'it must lie between 0 and 1, or 0 % and 100 %');
  return share;
}

function wrong(text: string, problem: string): UserError {
  return new UserError(`budget "${text}"`, problem, 'say 0.1%, 5/day, quantile=0.999 or score=12.5');
}
