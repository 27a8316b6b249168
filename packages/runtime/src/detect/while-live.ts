import type { LookOptions } from './flow-logs.ts';

/** Milliseconds between looks at the clock while a source is live. */
const TICK_MS = 500;

/**
 * Runs a live source, and lets alerts be written meanwhile. Nothing can be awaited then: a failure to write ends the source,
 * and is thrown behind it.
 *
 * @param tick called now and then
 * @param run  the source; it ends with the signal, and may call `write` when it has brought something
 */
export async function whileLive<T>(
  { signal, drain }: Pick<LookOptions, 'signal' | 'drain'>,
  tick: () => void,
  run: (signal: AbortSignal, write: () => void) => Promise<T>,
): Promise<T> {
  const failed = new AbortController();
  const write = (): void => {
    drain().catch((error: unknown) => failed.abort(error));
  };
  const timer = setInterval(() => {
    tick();
    write();
  }, TICK_MS);
  try {
    const result = await run(AbortSignal.any([signal, failed.signal]), write);
    if (failed.signal.aborted) throw failed.signal.reason;
    return result;
  } finally {
    clearInterval(timer);
  }
}
