import { readPublicKey, verifyFile } from '@edgeguard/detection';
import type { VerifyCommandOptions } from '../commands/verify.ts';

/** `edgeguard verify`. */
export async function verify(file: string, { publicKey, signature }: VerifyCommandOptions): Promise<void> {
  const key = await readPublicKey(publicKey);
  const comment = await verifyFile(file, key, signature === undefined ? {} : { signaturePath: signature });
  process.stdout.write(`${comment}\n`);
}
