import { fileURLToPath } from 'node:url';
import { measureOutput } from '../harness/cpu-time.ts';
import { printTable } from '../harness/table.ts';
import type { GarbageRun } from '../workers/meter-garbage.ts';

const WORKER = fileURLToPath(new URL('../workers/meter-garbage.js', import.meta.url));

/** What metering leaves on the heap, and how long it is away. */
export function benchGarbage(capture: string): void {
  const { output } = measureOutput(process.execPath, [WORKER, capture]);
  const run = JSON.parse(output) as GarbageRun;
  const millions = run.packets / 1e6;
  printTable(
    'metering: heap and pauses behind the first million packets, all features',
    ['heap growth KB/Mpkt', 'collections/Mpkt', 'longest pause ms', 'longest chunk (1 MiB) ms'],
    [
      [
        (run.grownBytes / 1e3 / millions).toFixed(1),
        (run.collections / millions).toFixed(1),
        run.longestPauseMilliseconds.toFixed(1),
        run.longestChunkMilliseconds.toFixed(1),
      ],
    ],
  );
}
