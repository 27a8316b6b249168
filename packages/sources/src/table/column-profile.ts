import type { TableColumnConfig } from '@edgeguard/contracts';
import { isIsoTime, isMissing, numberIn } from './cell.ts';

/** Values of a text that is still a category. More of them are names of something. */
const MAX_CATEGORIES = 1000;
/** A number column may hold this share of other text in all its rows: such rows are then malformed. */
const TOLERATED_TEXT = 0.001;
/** Fewer rows than this say nothing about order. */
const FEWEST_ORDERED = 20;
/** An index starts again in at most this share of the rows, as where tables of one class each were put together. */
const RESTARTS = 0.01;
/** What tools call a column whose name was empty. */
const UNNAMED = /^(column \d+|Unnamed: \d+)$/;
/** What may be the s of log1p(x / s): a microsecond for seconds is the finest that capture files tell. */
const SCALES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1];
/** Share of the positive values that may lie below s: log1p(x / s) is a straight line there, and tells them little apart. */
const BELOW_SCALE = 0.05;
/** Below so many steps of the values' own rounding s would enlarge what rounding left. */
const FEWEST_STEPS = 10;
/** Different values that say whether all are multiples of one. */
const FEWEST_COMPARED = 20;
const MOST_COMPARED = 100;
/** Values within 0..1 are shares, and linear, unless s is a smaller part of the largest: linear, most would be one. */
const SMALLEST_SHARE = 1e-3;
const LONGEST_VALUE = 256;

/** What a column turned out to be, and why it is left out where it is. */
export interface InferredColumn {
  readonly column: TableColumnConfig;
  readonly note: string | undefined;
}

/** Gathers what the values of one column tell about its kind, row by row. */
export class ColumnProfile {
  readonly #name: string;
  #text = 0;
  #times = 0;
  #numbers = 0;
  #missing = 0;
  /** Rows whose value is no larger than that of the row before. */
  #falls = 0;
  #whole = true;
  #last = Number.NEGATIVE_INFINITY;
  #normalText = 0;
  #negative = 0;
  #fractional = 0;
  #largest = 0;
  #positive = 0;
  /** Positive values below each of the scales. */
  readonly #below = new Float64Array(SCALES.length);
  #values = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  /** A file begins: an index may start again. */
  startFile(): void {
    this.#last = Number.NEGATIVE_INFINITY;
  }

  /** Takes a cell. Only normal rows say how large values are and how many there are. */
  add(cell: string, isNormal: boolean): void {
    if (isNormal && this.#values.size <= MAX_CATEGORIES) this.#values.add(cell.slice(0, LONGEST_VALUE));
    if (isMissing(cell)) {
      this.#missing++;
      return;
    }
    const value = numberIn(cell);
    if (value === undefined) {
      this.#text++;
      if (isIsoTime(cell)) this.#times++;
      if (isNormal) this.#normalText++;
      return;
    }
    this.#numbers++;
    if (value <= this.#last) this.#falls++;
    if (!Number.isInteger(value)) this.#whole = false;
    this.#last = value;
    if (!isNormal) return;
    if (value < 0) this.#negative++;
    if (!Number.isInteger(value)) this.#fractional++;
    if (value > 0) this.#addPositive(value);
    if (value > this.#largest) this.#largest = value;
  }

  /** The column as a config would declare it. What the config says already stays. */
  finish(declared: TableColumnConfig | undefined): InferredColumn {
    const base: TableColumnConfig = declared ?? { name: this.#name, role: 'feature', format: 'seconds' };
    const shown = this.#name.startsWith('column ') ? this.#name : `column ${this.#name}`;
    const leftOut = (reason: string): InferredColumn => ({
      column: { ...base, role: 'ignore' },
      note: `${shown} is left out: ${reason}; declare it in collect.source.columns to keep it`,
    });
    const rows = this.#numbers + this.#text + this.#missing;
    if (this.#numbers === 0 && this.#text === 0) return leftOut('it has no values');
    if (this.#times > 0 && this.#times + this.#missing === rows) return leftOut('it holds times');
    if (this.#numbers > 0 && this.#text <= TOLERATED_TEXT * rows && this.#normalText === 0) {
      const index = declared ? undefined : this.#looksLikeIndex(rows);
      if (index !== undefined) return leftOut(index);
      const empty = this.#missing > 0 && base.empty === undefined ? { empty: 0 } : {};
      const note =
        this.#missing > 0 && base.empty === undefined
          ? `${shown}: ${this.#missing} missing values are taken as 0`
          : undefined;
      return { column: { ...base, ...this.#numberKind(base), ...empty }, note };
    }
    if (this.#values.size > MAX_CATEGORIES) return leftOut(`it holds text of more than ${MAX_CATEGORIES} values`);
    return { column: { ...base, kind: 'category' }, note: undefined };
  }

  /** Why it numbers the rows and says nothing about them, where it does. */
  #looksLikeIndex(rows: number): string | undefined {
    if (this.#numbers < rows || rows < FEWEST_ORDERED) return undefined;
    if (this.#falls === 0) return 'it rises with every row, as an index does';
    if (!this.#whole) return undefined;
    if (this.#falls <= RESTARTS * rows) return 'it rises with nearly every row, as an index that starts again does';
    return UNNAMED.test(this.#name) ? 'it holds whole numbers and has no name, as an index' : undefined;
  }

  #addPositive(value: number): void {
    this.#positive++;
    for (let i = SCALES.length - 1; i >= 0 && value < SCALES[i]!; i--) this.#below[i]!++;
  }

  /** The largest of the scales that has few positive values below it, but none so fine that rounding decides. */
  #scale(): number {
    const coarse = this.#below.findLastIndex((count) => count <= BELOW_SCALE * this.#positive);
    const fine = SCALES.findIndex((scale) => scale >= FEWEST_STEPS * this.#step());
    return SCALES[Math.max(0, coarse, fine < 0 ? SCALES.length - 1 : fine)]!;
  }

  /** What values were rounded to, told by the smallest of those that were kept; 0 where they do not look rounded. */
  #step(): number {
    const positive = [...this.#values].map((cell) => numberIn(cell) ?? 0).filter((value) => value > 0);
    const smallest = positive.sort((a, b) => a - b).slice(0, MOST_COMPARED);
    if (smallest.length < FEWEST_COMPARED) return 0;
    let step = smallest[0]!;
    for (let i = 1; i < smallest.length; i++) step = Math.min(step, smallest[i]! - smallest[i - 1]! || step);
    const isMultiple = (value: number): boolean => Math.abs(value / step - Math.round(value / step)) < 0.05;
    return smallest.every(isMultiple) ? step : 0;
  }

  #numberKind({ logScale }: TableColumnConfig): Pick<TableColumnConfig, 'kind' | 'logScale'> {
    if (this.#negative > 0) return { kind: 'ratio' };
    if (this.#fractional === 0) return { kind: this.#largest <= 1 ? 'flag' : 'count' };
    const scale = this.#scale();
    const isShare = this.#largest <= 1 && scale >= SMALLEST_SHARE * this.#largest;
    return isShare ? { kind: 'ratio' } : { kind: 'ratio', logScale: logScale ?? scale };
  }
}
