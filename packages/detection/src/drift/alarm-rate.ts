import { Adwin } from './adwin.ts';

/** Ends of alarms that are counted apart in a block. */
const MAX_ENDS = 1024;

/** Who an alarm is about. */
export interface AlarmEnds {
  readonly source: string;
  readonly target: string;
}

/** What a block of rows says of the alarm rate. */
export interface AlarmRateVerdict {
  readonly rate: number;
  /** Without the alarms of the one source or target that has the most. */
  readonly rest: number;
  /** Rate before it rose; that of calibration at first. */
  readonly reference: number;
  /** More than this above the reference is more than chance. */
  readonly margin: number;
  /** `attack`: one source or target makes the rise; `moved`: the rate rose without it too. */
  readonly state: 'steady' | 'attack' | 'moved';
}

/** Watches the share of rows that raise alarms: ADWIN says that it rose, the ends of the alarms say what that looks like. */
export class AlarmRateWatch {
  readonly #adwin = new Adwin();
  readonly #blockRows: number;
  readonly #sources = new Map<string, number>();
  readonly #targets = new Map<string, number>();
  #rows = 0;
  #alarms = 0;
  #reference: number;
  #risen = false;

  /**
   * @param expectedRate    of calibration
   * @param calibrationRows which the window begins with
   */
  constructor(blockRows: number, expectedRate: number, calibrationRows: number) {
    this.#blockRows = blockRows;
    this.#reference = expectedRate;
    for (let row = 0; row < calibrationRows; row++) {
      this.#adwin.add(Math.floor((row + 1) * expectedRate) - Math.floor(row * expectedRate));
    }
  }

  /** Takes a row; returns the verdict when a block is full. */
  add(alarm: AlarmEnds | undefined): AlarmRateVerdict | undefined {
    if (alarm) {
      this.#alarms++;
      count(this.#sources, alarm.source);
      count(this.#targets, alarm.target);
    }
    const cut = this.#adwin.add(alarm ? 1 : 0);
    if (cut && cut.after > cut.before && !this.#risen) {
      this.#risen = true;
      this.#reference = Math.min(cut.before, cut.after);
    }
    return ++this.#rows === this.#blockRows ? this.#endBlock() : undefined;
  }

  #endBlock(): AlarmRateVerdict {
    const rate = this.#alarms / this.#rows;
    const dominant = Math.max(0, ...this.#sources.values(), ...this.#targets.values());
    const rest = (this.#alarms - dominant) / this.#rows;
    const margin = this.#adwin.bound(this.#rows, Math.max(this.#rows, this.#adwin.width));
    const high = (value: number): boolean => value > this.#reference + margin;
    if (!high(rate)) this.#risen = false;
    const state = !this.#risen ? 'steady' : high(rest) ? 'moved' : 'attack';
    this.#rows = 0;
    this.#alarms = 0;
    this.#sources.clear();
    this.#targets.clear();
    return { rate, rest, reference: this.#reference, margin, state };
  }
}

function count(counts: Map<string, number>, key: string): void {
  const before = counts.get(key);
  if (before === undefined && counts.size >= MAX_ENDS) return;
  counts.set(key, (before ?? 0) + 1);
}
