import type { Alert } from '../alert/alert.ts';
import { formatEve } from '../alert/eve.ts';
import { formatText } from '../alert/text.ts';
import type { LineOutput } from './line-output.ts';

/** How alerts are written: `eve` is Suricata's EVE JSON, one alert a line; `text` is for people. */
export const ALERT_FORMATS = ['eve', 'text'] as const;
export type AlertFormat = (typeof ALERT_FORMATS)[number];

const FORMATTERS: Record<AlertFormat, (alert: Alert) => string> = { eve: formatEve, text: formatText };

/** Characters that may wait for the next {@link AlertWriter.drain}. */
const LARGEST_WAIT = 1 << 20;

/** One place that alerts go to. */
export interface AlertOutput {
  readonly lines: LineOutput;
  readonly format: AlertFormat;
}

/**
 * Formats alerts and writes them. Alerts arise while packets are metered, where nothing can be awaited: they wait for
 * `drain`, and when too many wait, are written at once.
 */
export class AlertWriter {
  alerts = 0;
  readonly #queues: readonly LineQueue[];

  constructor(outputs: readonly AlertOutput[]) {
    this.#queues = outputs.map((output) => new LineQueue(output));
  }

  add(alert: Alert): void {
    this.alerts++;
    for (const queue of this.#queues) queue.add(alert);
  }

  /** Writes what waits. Resolves when the outputs have taken it. */
  async drain(): Promise<void> {
    for (const queue of this.#queues) await queue.drain();
  }
}

class LineQueue {
  readonly #lines: LineOutput;
  readonly #format: (alert: Alert) => string;
  #waiting: string[] = [];
  #size = 0;

  constructor({ lines, format }: AlertOutput) {
    this.#lines = lines;
    this.#format = FORMATTERS[format];
  }

  add(alert: Alert): void {
    const line = `${this.#format(alert)}\n`;
    this.#waiting.push(line);
    this.#size += line.length;
    if (this.#size > LARGEST_WAIT) this.#lines.writeNow(this.#take());
  }

  async drain(): Promise<void> {
    if (this.#size > 0) await this.#lines.write(this.#take());
  }

  #take(): string {
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#size = 0;
    return text;
  }
}
