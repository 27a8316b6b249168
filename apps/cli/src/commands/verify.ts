import type { Command } from 'commander';
import { run } from '../run.ts';

export interface VerifyCommandOptions {
  readonly publicKey: string;
  readonly signature?: string;
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('verify the signature of a detector, made by edgeguard sign or by minisign')
    .argument('<file>', 'a detector, or any file')
    .option('-p, --public-key <key>', 'a public key file, or the key itself (RW...)', 'edgeguard.pub')
    .option('-x, --signature <file>', 'the signature (default: FILE.minisig)')
    .addHelpText('after', '\nPrints the comment that was signed. Exit code 1: do not use the file.')
    .action(async (file: string, options: VerifyCommandOptions) => {
      await run(async () => {
        const { verify } = await import('../signature/verify.ts');
        await verify(file, options);
      });
    });
}
