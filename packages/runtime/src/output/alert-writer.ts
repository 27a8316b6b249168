import type { Alert } from '../alert/alert.ts';
import { formatEcs } from '../alert/ecs.ts';
import { formatEve } from '../alert/eve.ts';
import { formatOcsf } from '../alert/ocsf.ts';
import { formatText } from '../alert/text.ts';
import type { AddressConflict } from '../arp/address-conflict.ts';
import { conflictEcs, conflictEve, conflictOcsf, conflictText } from '../arp/format-conflict.ts';
import type { LineOutput } from './line-output.ts';

/**
 * How alerts are written: `eve` is Suricata's EVE JSON, `ecs` the Elastic Common Schema, `ocsf` a Detection Finding of the
 * Open Cybersecurity Schema Framework, one alert a line each; `text` is for people.
 */
export const ALERT_FORMATS = ['eve', 'ecs', 'ocsf', 'text'] as const;
export type AlertFormat = (typeof ALERT_FORMATS)[number];

const FORMATTERS: Record<AlertFormat, (alert: Alert) => string> = {
  eve: formatEve,
  ecs: formatEcs,
  ocsf: formatOcsf,
  text: formatText,
};

const CONFLICT_FORMATTERS: Record<AlertFormat, (conflict: AddressConflict) => string> = {
  eve: conflictEve,
  ecs: conflictEcs,
  ocsf: conflictOcsf,
  text: conflictText,
};

/** Characters that wait before they are written at once, if nothing is being written. */
const LARGEST_WAIT = 1 << 20;
/** Characters that may wait for a reader that is stuck; alerts beyond are counted as lost. */
const LARGEST_QUEUE = 1 << 26;

/** One place that alerts go to. */
export interface AlertOutput {
  readonly lines: LineOutput;
  readonly format: AlertFormat;
}

/**
 * Formats alerts and writes them. Alerts arise while packets are metered, where nothing can be awaited: they wait for
 * `drain`, and when too many wait, are written at once. Only where a write is under way already, as it can be for live
 * traffic with a reader that is stuck, the queue grows up to a limit.
 */
export class AlertWriter {
  alerts = 0;
  readonly #queues: readonly LineQueue[];

  constructor(outputs: readonly AlertOutput[]) {
    this.#queues = outputs.map((output) => new LineQueue(output));
  }

  /** Alerts that one of the outputs did not take in time. */
  get lost(): number {
    return Math.max(0, ...this.#queues.map((queue) => queue.lost));
  }

  add(alert: Alert): void {
    this.alerts++;
    for (const queue of this.#queues) queue.add(FORMATTERS[queue.format](alert));
  }

  /** An alert of a rule. */
  addConflict(conflict: AddressConflict): void {
    this.alerts++;
    for (const queue of this.#queues) queue.add(CONFLICT_FORMATTERS[queue.format](conflict));
  }

  /** Writes what waits. Resolves when the outputs have taken it; at once where a write is under way. */
  async drain(): Promise<void> {
    for (const queue of this.#queues) await queue.drain();
  }
}

class LineQueue {
  lost = 0;
  readonly format: AlertFormat;
  readonly #lines: LineOutput;
  #waiting: string[] = [];
  #size = 0;
  #busy = false;

  constructor({ lines, format }: AlertOutput) {
    this.#lines = lines;
    this.format = format;
  }

  /** Takes an alert in the output's format, without the last line's end. */
  add(text: string): void {
    if (this.#size > LARGEST_QUEUE) {
      this.lost++;
      return;
    }
    const line = `${text}\n`;
    this.#waiting.push(line);
    this.#size += line.length;
    if (this.#size > LARGEST_WAIT && !this.#busy) this.#lines.writeNow(this.#take());
  }

  async drain(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#size > 0) await this.#lines.write(this.#take());
    } finally {
      this.#busy = false;
    }
  }

  #take(): string {
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#size = 0;
    return text;
  }
}
