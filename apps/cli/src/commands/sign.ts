import type { Command } from 'commander';
import { run } from '../run.ts';

export interface SignCommandOptions {
  readonly secretKey: string;
  readonly comment?: string;
}

export function addSignCommand(program: Command): void {
  program
    .command('sign')
    .description('sign detectors: writes FILE.minisig beside each')
    .argument('<file...>', 'detectors, or any files')
    .option('-s, --secret-key <file>', 'a secret key without a password', 'edgeguard.key')
    .option('-t, --comment <text>', "a line that is signed too and shown by verify (default: the file's name)")
    .addHelpText('after', '\nSigning again gives the same bytes. The program minisign verifies these signatures too.')
    .action(async (files: string[], options: SignCommandOptions) => {
      await run(async () => {
        const { sign } = await import('../signature/sign.ts');
        await sign(files, options);
      });
    });
}
