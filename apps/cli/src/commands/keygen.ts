import type { Command } from 'commander';
import { run } from '../run.ts';

export interface KeygenOptions {
  readonly secretKey: string;
  readonly publicKey: string;
}

export function addKeygenCommand(program: Command): void {
  program
    .command('keygen')
    .description('make a pair of keys that sign detectors, in the format of minisign')
    .option('-s, --secret-key <file>', 'where the secret key goes', 'edgeguard.key')
    .option('-p, --public-key <file>', 'where the public key goes', 'edgeguard.pub')
    .addHelpText(
      'after',
      `
The public key is printed too. The secret key has no password: keep it off the machines that detect. Keys that exist are
never replaced.`,
    )
    .action(async (options: KeygenOptions) => {
      await run(async () => {
        const { keygen } = await import('../signature/keygen.ts');
        await keygen(options);
      });
    });
}
