import { describe, expect, it } from 'vitest';
import { AlertWriter } from '../src/output/alert-writer.ts';
import type { LineOutput } from '../src/index.ts';
import { EXAMPLE_ALERT } from './example-alert.ts';

/** Keeps what is written; `write` waits until it is released. */
class SlowOutput implements LineOutput {
  text = '';
  writesNow = 0;
  release: () => void = () => undefined;

  async write(lines: string): Promise<void> {
    await new Promise<void>((resolve) => (this.release = resolve));
    this.text += lines;
  }

  writeNow(lines: string): void {
    this.writesNow++;
    this.text += lines;
  }

  close(): void {
    // There is nothing to close.
  }
}

const LINE = EXAMPLE_ALERT;
const count = (text: string): number => text.split('\n').length - 1;

describe('the writer of alerts', () => {
  it('writes at once when too many wait, so that memory stays bounded', () => {
    const output = new SlowOutput();
    const writer = new AlertWriter([{ lines: output, format: 'eve' }]);
    for (let i = 0; i < 3000; i++) writer.add(LINE);
    expect(output.writesNow).toBeGreaterThan(1);
    expect(count(output.text)).toBeGreaterThan(1000);
    expect(writer.lost).toBe(0);
  });

  it('keeps the order, and loses nothing while a reader is slow', async () => {
    const output = new SlowOutput();
    const writer = new AlertWriter([{ lines: output, format: 'eve' }]);
    writer.add({ ...LINE, score: 1 });
    const drained = writer.drain();
    writer.add({ ...LINE, score: 2 });
    await writer.drain();
    output.release();
    await new Promise((resolve) => setImmediate(resolve));
    output.release();
    await drained;
    const scores = output.text.trim().split('\n');
    expect(scores.map((line) => JSON.parse(line).alert.context.edgeguard.score)).toEqual([1, 2]);
  });

  it('counts what it must give up when the reader is stuck', () => {
    const output = new SlowOutput();
    const writer = new AlertWriter([{ lines: output, format: 'eve' }]);
    writer.add(LINE);
    void writer.drain();
    const large = { ...LINE, reason: 'x'.repeat(1 << 20) };
    for (let i = 0; i < 80; i++) writer.add(large);
    expect(writer.lost).toBeGreaterThan(0);
    expect(writer.lost).toBeLessThan(40);
    expect(writer.alerts).toBe(81);
  });

  it('writes each output in its own format', async () => {
    const eve = new SlowOutput();
    const text = new SlowOutput();
    const writer = new AlertWriter([
      { lines: eve, format: 'eve' },
      { lines: text, format: 'text' },
    ]);
    writer.add(LINE);
    const drained = writer.drain();
    eve.release();
    await new Promise((resolve) => setImmediate(resolve));
    text.release();
    await drained;
    expect(JSON.parse(eve.text).event_type).toBe('alert');
    expect(text.text).toMatch(/^2026-01-05 08:01:01/);
  });
});
