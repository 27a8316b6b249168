import { synthesizeCapture } from '@edgeguard/sources';

/** Writes a synthetic capture of at least `packets` frames: traffic time is doubled until there are enough. */
export async function buildSyntheticCapture(path: string, packets: number): Promise<number> {
  for (let hours = 4; ; hours *= 2) {
    const result = await synthesizeCapture({ seed: 1, durationSeconds: hours * 3600 }, path);
    if (result.packets >= packets) return result.packets;
  }
}
