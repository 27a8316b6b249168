import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DetectorDocument, readJson, sha256, UserError } from '@edgeguard/contracts';
import type { ArtifactVerification } from '@edgeguard/conversion';
import { readDetectorFile } from '@edgeguard/detection';
import { TfliteError } from '@edgeguard/tflite';
import { readModel } from '@edgeguard/tflite/model';
import { type OperatorRow, operatorRows } from './graph-table.ts';

/** Everything that `inspect` shows. */
export interface DetectorReport {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** SHA-256 of graph and weights. */
  readonly model: string;
  readonly graph: readonly OperatorRow[];
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
    graph: graphOf(path, file.bytes),
    detector: file.document,
    ...(verification ? { verification } : {}),
  };
}

function graphOf(path: string, bytes: Uint8Array): OperatorRow[] {
  try {
    return operatorRows(readModel(bytes));
  } catch (error) {
    if (!(error instanceof TfliteError)) throw error;
    throw new UserError(path, error.message, 'make it again with the stage convert', { cause: error });
  }
}

async function verificationOf(path: string, digest: string): Promise<ArtifactVerification | undefined> {
  const folder = dirname(path);
  if (!existsSync(join(folder, 'verification.json'))) return undefined;
  const { VERIFICATION_FILE, VerificationSchema } = await import('@edgeguard/conversion');
  const document = await readJson(join(folder, VERIFICATION_FILE), VerificationSchema);
  return document.artifacts.find((artifact) => artifact.sha256 === digest);
}
