import { publicKeyText, writeKeyPair } from '@edgeguard/detection';
import type { KeygenOptions } from '../commands/keygen.ts';

/** `edgeguard keygen`. */
export async function keygen({ secretKey, publicKey }: KeygenOptions): Promise<void> {
  const key = await writeKeyPair(secretKey, publicKey);
  process.stderr.write(`wrote ${secretKey}, which has to stay secret, and ${publicKey}\n`);
  process.stdout.write(`${publicKeyText(key)}\n`);
}
