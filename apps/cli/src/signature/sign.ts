import { readSecretKey, signFile } from '@edgeguard/detection';
import type { SignCommandOptions } from '../commands/sign.ts';

/** `edgeguard sign`. */
export async function sign(files: readonly string[], { secretKey, comment }: SignCommandOptions): Promise<void> {
  const key = await readSecretKey(secretKey);
  for (const file of files) {
    const path = await signFile(file, key, comment === undefined ? {} : { trustedComment: comment });
    process.stdout.write(`${path}\n`);
  }
}
