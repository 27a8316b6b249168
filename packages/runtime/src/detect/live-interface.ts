import type { PacketSink } from '@edgeguard/metering';
import { captureInterface } from '@edgeguard/sources';
import type { LookOptions } from './flow-logs.ts';

/** How often, in milliseconds, live traffic time moves on without packets. */
const TICK_MS = 500;
/** Milliseconds by which it stays behind the wall clock: packets that are still on their way must not come too late. */
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
  { signal, drain, log }: LookOptions,
): Promise<LiveCounts> {
  log.info(`listening on ${name}`);
  const failed = new AbortController();
  let begun = false;
  const write = (): void => {
    // Nothing of a live capture can be awaited here: a failure ends it, and is thrown behind it.
    drain().catch((error: unknown) => failed.abort(error));
  };
  const timer = setInterval(() => {
    // Without packets time passes all the same: idle flows end, and what waits is scored.
    if (begun) sink.passTime(Date.now() - LAG_MS);
    write();
  }, TICK_MS);
  try {
    const { packets, kernel } = await captureInterface(name, sink.packets, {
      ...(filter === undefined ? {} : { filter }),
      // Blocks of packets use the kernel's buffer fully; in immediate mode each packet takes a slot for the largest one.
      immediate: false,
      signal: AbortSignal.any([signal, failed.signal]),
      onProgress: () => {
        begun = true;
        write();
      },
    });
    if (failed.signal.aborted) throw failed.signal.reason;
    return { packets, dropped: (kernel.droppedByKernel ?? 0) + (kernel.droppedByInterface ?? 0) };
  } finally {
    clearInterval(timer);
  }
}
