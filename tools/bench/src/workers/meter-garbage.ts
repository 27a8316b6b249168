// Meters one capture with all features and looks at the heap, beside the compared runs because looking costs time.
// usage: meter-garbage.js <capture>; prints one JSON object, a GarbageRun.
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { DETECTION_OPTIONS, FlowMeter } from '@edgeguard/metering';
import { readCaptures } from '@edgeguard/sources/captures';
import { collectGarbage, usedBytes } from '../harness/collect-garbage.ts';

/** Packets after which tables, code and caches are as large as they get. */
const WARM_UP = 1_000_000;

/** What the worker prints. Everything is counted behind the warm-up. */
export interface GarbageRun {
  readonly packets: number;
  /** Bytes by which heap and array buffers grew, garbage collected before and after. */
  readonly grownBytes: number;
  readonly collections: number;
  readonly longestPauseMilliseconds: number;
  /** Time of the wall clock from one chunk of 1 MiB to the next. */
  readonly longestChunkMilliseconds: number;
}

const [path] = process.argv.slice(2);
if (!path) throw new Error('usage: meter-garbage.js <capture>');
let collections = 0;
let longestPauseMilliseconds = 0;
let longestChunkMilliseconds = 0;
let warmUpPackets = 0;
let usedBefore = 0;
let since = 0;
const observer = new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) {
    if (startTime < observedFrom) continue;
    collections++;
    longestPauseMilliseconds = Math.max(longestPauseMilliseconds, duration);
  }
});
let observedFrom = Infinity;
const meter = new FlowMeter(DETECTION_OPTIONS, { record: () => undefined });
const report = await readCaptures([path], meter, {
  onProgress: ({ packets }) => {
    const now = performance.now();
    if (warmUpPackets > 0) {
      longestChunkMilliseconds = Math.max(longestChunkMilliseconds, now - since);
    } else if (packets >= WARM_UP) {
      collectGarbage();
      usedBefore = usedBytes();
      warmUpPackets = packets;
      observer.observe({ entryTypes: ['gc'] });
      observedFrom = performance.now();
    }
    since = performance.now();
  },
});
if (warmUpPackets === 0) throw new Error(`${path} has ${report.packets} packets, ${WARM_UP} are needed`);
// The observer is told later.
for (let i = 0; i < 10; i++) await setImmediate();
observer.disconnect();
collectGarbage();
const run: GarbageRun = {
  packets: report.packets - warmUpPackets,
  grownBytes: usedBytes() - usedBefore,
  collections,
  longestPauseMilliseconds,
  longestChunkMilliseconds,
};
// After the heap was looked at, so that the tables were in use until then.
meter.finish();
process.stdout.write(`${JSON.stringify(run)}\n`);
