import type { PacketSink } from '@edgeguard/metering';
import { captureInterface } from '@edgeguard/sources';
import type { LookOptions } from './flow-logs.ts';
import { whileLive } from './while-live.ts';

/** Milliseconds by which live traffic time stays behind the wall clock: packets that are still on their way must not come too late. */
const LAG_MS = 2000;

/** What takes packets, and is told of the time that passes without any, in milliseconds since the Unix epoch. */
export interface LiveSink {
  readonly packets: PacketSink;
  passTime(milliseconds: number): void;
}

/** Packets that were read, and that the kernel dropped before they could be. */
export interface LiveCounts {
  readonly packets: number;
  readonly dropped: number;
}

/** Watches an interface until the signal. */
export async function watchInterface(
  name: string,
  filter: string | undefined,
  sink: LiveSink,
  options: LookOptions,
): Promise<LiveCounts> {
  options.log.info(`listening on ${name}`);
  let begun = false;
  // Without packets time passes all the same: idle flows end, and what waits is scored.
  const passTime = (): void => {
    if (begun) sink.passTime(Date.now() - LAG_MS);
  };
  return whileLive(options, passTime, async (signal, write) => {
    const { packets, kernel } = await captureInterface(name, sink.packets, {
      ...(filter === undefined ? {} : { filter }),
      // Blocks of packets use the kernel's buffer fully; in immediate mode each packet takes a slot for the largest one.
      immediate: false,
      signal,
      onProgress: () => {
        begun = true;
        write();
      },
    });
    return { packets, dropped: (kernel.droppedByKernel ?? 0) + (kernel.droppedByInterface ?? 0) };
  });
}
