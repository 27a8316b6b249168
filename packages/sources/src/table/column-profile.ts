import type { TableColumnConfig } from '@edgeguard/contracts';
import { isMissing, numberIn } from './cell.ts';

/** Values of a text that is still a category. More of them are names of something. */
const MAX_CATEGORIES = 1000;
/** A number column may hold this share of other text in all its rows: such rows are then malformed. */
const TOLERATED_TEXT = 0.001;
/** Fewer rows than this say nothing about order. */
const FEWEST_ORDERED = 20;
/** The s of log1p(x / s) for values that mostly lie below 1. */
const SMALL_SCALE = 0.001;
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
  #numbers = 0;
  #missing = 0;
  #rises = true;
  #last = Number.NEGATIVE_INFINITY;
  #normalText = 0;
  #negative = 0;
  #fractional = 0;
  #largest = 0;
  #small = 0;
  #positive = 0;
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
      this.#rises = false;
      return;
    }
    const value = numberIn(cell);
    if (value === undefined) {
      this.#text++;
      this.#rises = false;
      if (isNormal) this.#normalText++;
      return;
    }
    this.#numbers++;
    if (value <= this.#last) this.#rises = false;
    this.#last = value;
    if (!isNormal) return;
    if (value < 0) this.#negative++;
    if (!Number.isInteger(value)) this.#fractional++;
    if (value > 0) this.#positive++;
    if (value > 0 && value < 1) this.#small++;
    if (value > this.#largest) this.#largest = value;
  }

  /** The column as a config would declare it. What the config says already stays. */
  finish(declared: TableColumnConfig | undefined): InferredColumn {
    const base: TableColumnConfig = declared ?? { name: this.#name, role: 'feature', format: 'seconds' };
    const leftOut = (reason: string): InferredColumn => ({
      column: { ...base, role: 'ignore' },
      note: `column ${this.#name} is left out: ${reason}; declare it in collect.source.columns to keep it`,
    });
    const rows = this.#numbers + this.#text + this.#missing;
    if (this.#numbers === 0 && this.#text === 0) return leftOut('it has no values');
    if (this.#numbers > 0 && this.#text <= TOLERATED_TEXT * rows && this.#normalText === 0) {
      if (!declared && this.#rises && rows >= FEWEST_ORDERED)
        return leftOut('it rises with every row, as an index does');
      const empty = this.#missing > 0 && base.empty === undefined ? { empty: 0 } : {};
      const note =
        this.#missing > 0 && base.empty === undefined
          ? `column ${this.#name}: ${this.#missing} missing values are taken as 0`
          : undefined;
      return { column: { ...base, ...this.#numberKind(base), ...empty }, note };
    }
    if (this.#values.size > MAX_CATEGORIES) return leftOut(`it holds text of more than ${MAX_CATEGORIES} values`);
    return { column: { ...base, kind: 'category' }, note: undefined };
  }

  #numberKind({ logScale }: TableColumnConfig): Pick<TableColumnConfig, 'kind' | 'logScale'> {
    if (this.#negative > 0) return { kind: 'ratio' };
    if (this.#fractional === 0) return { kind: this.#largest <= 1 ? 'flag' : 'count' };
    if (this.#largest <= 1) return { kind: 'ratio' };
    return { kind: 'ratio', logScale: logScale ?? (this.#small * 2 > this.#positive ? SMALL_SCALE : 1) };
  }
}
