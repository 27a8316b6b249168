import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { featuresOf } from '@edgeguard/contracts';
import { describe, expect, it } from 'vitest';
import { FlowMeter, type FlowRecord, flowSchema } from '../src/index.ts';
import { CAPTURES, HAS_CAPTURES, capturesIn, readCapture } from './support/captures.ts';

const FEATURES = featuresOf(flowSchema());

/** The first feature of a record outside its stated range, if any. */
function outOfRange(record: FlowRecord): string | undefined {
  const k = FEATURES.findIndex(({ range }, i) => {
    const value = record.features[i];
    const [low, high] = range ?? [null, null];
    return !Number.isFinite(value) || (low !== null && value < low) || (high !== null && value > high);
  });
  return k < 0 ? undefined : `${FEATURES[k].name} = ${record.features[k]}`;
}

function smallMeter(problems: Set<string>): FlowMeter {
  return new FlowMeter(
    { maxFlows: 256, maxHosts: 64 },
    {
      record(record) {
        const problem = outOfRange(record);
        if (problem !== undefined) problems.add(problem);
      },
    },
  );
}

function total(meter: FlowMeter): number {
  const { packets, skipped } = meter.statistics();
  return packets + Object.values(skipped).reduce((sum, count) => sum + count, 0);
}

/** Marsaglia's xorshift32: the same mutations in every run. */
class Random {
  #state = 0x2545_f491;

  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }
}

describe.skipIf(!HAS_CAPTURES)('every real capture (skipped without the real captures)', () => {
  const folders = HAS_CAPTURES ? readdirSync(CAPTURES) : [];

  it.each(folders)('of %s: each packet is metered or skipped for a reason, features lie in their ranges', (folder) => {
    const problems = new Set<string>();
    let packets = 0;
    for (const file of capturesIn(join(CAPTURES, folder))) {
      const meter = smallMeter(problems);
      const read = readCapture(file, meter);
      meter.finish();
      packets += read;
      expect(total(meter)).toBe(read);
      expect(meter.statistics().activeFlows).toBe(0);
    }
    expect(packets).toBeGreaterThan(0);
    expect([...problems]).toEqual([]);
  });

  it('with bytes changed at random throws nothing and gives features in their ranges', () => {
    const random = new Random();
    const problems = new Set<string>();
    const meter = smallMeter(problems);
    let frames = 0;
    const mutate = {
      packet(link: number, seconds: number, nanoseconds: number, bytes: Uint8Array, at: number, length: number): void {
        // One frame in eight: the rest of the time goes into variety.
        if (random.below(8) !== 0 || length === 0) return;
        const frame = bytes.slice(at, at + length);
        const headers = Math.min(length, 96);
        for (let k = random.below(6); k >= 0; k--) frame[random.below(headers)] = random.below(256);
        const captured = random.below(4) === 0 ? random.below(length + 1) : length;
        const wire = random.below(8) === 0 ? random.below(2 ** 31) : length;
        meter.packet(link, seconds, nanoseconds, frame, 0, captured, wire);
        frames++;
      },
    };
    for (const folder of folders) {
      for (const file of capturesIn(join(CAPTURES, folder))) readCapture(file, mutate);
    }
    meter.finish();
    expect(frames).toBeGreaterThan(10_000);
    expect(total(meter)).toBe(frames);
    expect([...problems]).toEqual([]);
  });
});
