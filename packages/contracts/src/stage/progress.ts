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
  const shown = figures.map((name) => ` | ${name} {${name}}`).join('');
  const bar = new cliProgress.SingleBar(
    {
      format: `${label} [{bar}] {percentage}% | {value}/{total} | {eta_formatted} left${shown}`,
      hideCursor: true,
      stream: process.stderr,
      clearOnComplete: true,
    },
    cliProgress.Presets.legacy,
  );
  bar.start(total, 0, Object.fromEntries(figures.map((name) => [name, '-'])));
  return {
    update: (done, values) => bar.update(done, values ?? {}),
    stop: () => bar.stop(),
  };
}
