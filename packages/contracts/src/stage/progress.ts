import cliProgress from 'cli-progress';

/** Shows how far long work has come. */
export interface Progress {
  /** `done` of `total`, with figures such as the loss. */
  update(done: number, figures?: Readonly<Record<string, string>>): void;
  stop(): void;
}

/**
 * A progress bar on standard error with time left; silent when standard error is not a terminal.
 *
 * @param label   what is being done
 * @param total   units of work; 0 when unknown (the bar then counts without an end)
 * @param figures names of the figures shown behind the bar
 */
export function createProgress(label: string, total: number, figures: readonly string[] = []): Progress {
  if (process.stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined };
  // The bar's format knows names of letters alone, and shows others as they are: `{rows/s}`.
  const shown = figures.map((name, i) => ` | ${name} {figure${i}}`).join('');
  const bar = new cliProgress.SingleBar(
    {
      format: `${label} [{bar}] {percentage}% | {value}/{total} | {eta_formatted} left${shown}`,
      hideCursor: true,
      stream: process.stderr,
      clearOnComplete: true,
    },
    cliProgress.Presets.legacy,
  );
  const named = (valueOf: (name: string) => string | undefined): Record<string, string> =>
    Object.fromEntries(
      figures.flatMap((name, i) => {
        const value = valueOf(name);
        return value === undefined ? [] : [[`figure${i}`, value]];
      }),
    );
  bar.start(
    total,
    0,
    named(() => '-'),
  );
  return {
    update: (done, values) =>
      bar.update(
        done,
        named((name) => values?.[name]),
      ),
    stop: () => bar.stop(),
  };
}
