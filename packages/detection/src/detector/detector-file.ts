import { readFile, stat } from 'node:fs/promises';
import {
  DETECTOR_FILE,
  type DetectorDocument,
  DetectorSchema,
  type FeatureColumn,
  fileProblem,
  parseJson,
  schemaHash,
  UserError,
} from '@edgeguard/contracts';
import { TfliteError } from '@edgeguard/tflite';
import {
  appendAssociatedFiles,
  modelDigest,
  readAssociatedFiles,
  sealFile,
  verifySeal,
} from '@edgeguard/tflite/metadata';
import { calibrationProblem } from '../calibration/calibration-problem.ts';
import type { PublicKey } from '../signature/keys.ts';
import { verifyFile } from '../signature/signature-files.ts';

/** Far above any detector; a larger file is something else. */
const MAX_BYTES = 512 * 1024 * 1024;

const REMEDY = 'copy it again, or make it again with the stage convert';

/** A detector file whose seal and document have been checked. Nothing in it has been run. */
export interface DetectorFile {
  /** The path, or another name for messages. */
  readonly place: string;
  readonly bytes: Uint8Array;
  readonly document: DetectorDocument;
  /** SHA-256 of graph and weights: the model's identity. */
  readonly modelDigest: string;
}

/** A model with its document inside, sealed: the bytes of a detector file. The same input gives the same bytes. */
export function writeDetectorFile(model: Uint8Array, document: DetectorDocument): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(DetectorSchema.parse(document)));
  return sealFile(appendAssociatedFiles(model, [{ name: DETECTOR_FILE, bytes: json }]));
}

/**
 * Reads a detector file and checks its seal, so that a changed, truncated or extended one is refused before anything
 * looks at its model.
 *
 * @param source   path, or the bytes of a file
 * @param signedBy the key of the signature that has to lie beside the file (`<path>.minisig`); it is verified first
 * @throws UserError with one line that says what is wrong
 */
export async function readDetectorFile(source: string | Uint8Array, signedBy?: PublicKey): Promise<DetectorFile> {
  const place = typeof source === 'string' ? source : 'detector';
  const bytes = typeof source === 'string' ? await readWhole(source) : source;
  if (signedBy) await verifyFile(place, signedBy, { content: bytes });
  return asUserError(place, () => {
    verifySeal(bytes);
    const json = readAssociatedFiles(bytes).find(({ name }) => name === DETECTOR_FILE);
    if (!json) throw new UserError(place, `it is a model without ${DETECTOR_FILE}, not a detector`, REMEDY);
    const document = parseJson(`${place}: ${DETECTOR_FILE}`, json.bytes, DetectorSchema);
    assertConsistent(place, document);
    return { place, bytes, document, modelDigest: modelDigest(bytes) };
  });
}

/** Runs something that reads a model; its errors become a UserError that names the file. */
export function asUserError<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw detectorProblem(place, error);
  }
}

/** Turns an error of the model's reader or engines into a UserError that names the file; others pass through. */
export function detectorProblem(place: string, error: unknown): unknown {
  return error instanceof TfliteError ? new UserError(place, error.message, REMEDY, { cause: error }) : error;
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES)
      throw new UserError(path, `it has ${size} bytes, more than any detector`, 'name another file');
    return await readFile(path);
  } catch (error) {
    throw fileProblem(path, error);
  }
}

function assertConsistent(place: string, document: DetectorDocument): void {
  const { schema, baselines, pValues, threshold, calibration } = document;
  const fail = (problem: string): never => {
    throw new UserError(`${place}: ${DETECTOR_FILE}`, problem, REMEDY);
  };
  // zod types an absent key as undefined; the hash reads neither.
  if (schemaHash(schema.features as FeatureColumn[]) !== schema.hash)
    fail('the schema hash is not that of its features');
  if (baselines.length !== schema.features.length) {
    fail(`it has baselines for ${baselines.length} of ${schema.features.length} features`);
  }
  const { scores, atLeast } = pValues;
  if (scores.length === 0 || scores.length !== atLeast.length)
    fail('the p-value table has columns of different length');
  for (let i = 1; i < scores.length; i++) {
    if (!(scores[i]! < scores[i - 1]! && atLeast[i]! >= atLeast[i - 1]!))
      fail(`the p-value table is out of order at ${i}`);
  }
  if (threshold.rank > threshold.rows) fail('the threshold has a rank beyond its rows');
  const problem = calibration && calibrationProblem(calibration, schema.features.length);
  if (problem !== undefined) fail(problem);
}
