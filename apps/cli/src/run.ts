/**
 * Runs a command's work with the exit codes of every command: 0, 1 for what the user can mend, 2 for wrong usage. The
 * machinery is loaded here, so that `--help` needs none of it.
 */
export async function run(main: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { runCommand } = await import('@edgeguard/contracts/stage');
  await runCommand('edgeguard', main);
}
