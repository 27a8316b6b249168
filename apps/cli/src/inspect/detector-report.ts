import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DetectorDocument, readJson, sha256 } from '@edgeguard/contracts';
import type { ArtifactVerification } from '@edgeguard/conversion';
import { readDetectorFile } from '@edgeguard/detection';
import { describeModel, type ModelSummary } from '@edgeguard/tflite/inspect';
import { readModel } from '@edgeguard/tflite/model';
import { namingFile } from '../tflite/model-file.ts';

/** Everything that `inspect` shows. */
export interface DetectorReport {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** SHA-256 of graph and weights. */
  readonly model: string;
  readonly graph: ModelSummary;
  readonly detector: DetectorDocument;
  /** What the verification beside the file says of this very file; absent without one. */
  readonly verification?: ArtifactVerification;
}

/**
 * Reads a detector without running it.
 *
 * @throws UserError for a file that is damaged or no detector
 */
export async function detectorReport(path: string): Promise<DetectorReport> {
  const file = await readDetectorFile(path);
  const digest = sha256(file.bytes);
  const verification = await verificationOf(path, digest);
  return {
    file: path,
    bytes: file.bytes.length,
    sha256: digest,
    model: file.modelDigest,
    graph: await namingFile(path, () => describeModel(readModel(file.bytes))),
    detector: file.document,
    ...(verification ? { verification } : {}),
  };
}

async function verificationOf(path: string, digest: string): Promise<ArtifactVerification | undefined> {
  const folder = dirname(path);
  if (!existsSync(join(folder, 'verification.json'))) return undefined;
  const { VERIFICATION_FILE, VerificationSchema } = await import('@edgeguard/conversion');
  const document = await readJson(join(folder, VERIFICATION_FILE), VerificationSchema);
  return document.artifacts.find((artifact) => artifact.sha256 === digest);
}
