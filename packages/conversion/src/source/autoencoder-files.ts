import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { fileProblem, parseJson, UserError } from '@edgeguard/contracts';

/** What a TensorFlow.js `model.json` must have for us; its topology is checked by those who read it. */
const ModelJsonSchema = z.looseObject({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(
    z.looseObject({
      paths: z.array(z.string().min(1)).min(1),
      weights: z.array(
        z.looseObject({
          name: z.string(),
          shape: z.array(z.int().nonnegative()),
          dtype: z.literal('float32', 'the weights of an autoencoder are float32'),
        }),
      ),
    }),
  ),
});
export type ModelJson = z.output<typeof ModelJsonSchema>;

/** A TensorFlow.js LayersModel as it lies on the disk. */
export interface AutoencoderFiles {
  readonly place: string;
  readonly json: ModelJson;
  /** All weights, one after the other in the manifest's order. */
  readonly weights: Uint8Array<ArrayBuffer>;
}

/**
 * Reads `model.json` and the weight files that it names.
 *
 * @param path     of model.json
 * @param resolve  path of a weight file beside it, by its name
 * @throws UserError for a damaged document, a missing weight file, or weights of another length than the document says
 */
export async function readAutoencoderFiles(path: string, resolve: (name: string) => string): Promise<AutoencoderFiles> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileProblem(path, error);
  }
  const json = parseJson(path, bytes, ModelJsonSchema);
  const parts: Buffer[] = [];
  for (const name of json.weightsManifest.flatMap((group) => group.paths)) {
    if (basename(name) !== name) {
      throw new UserError(path, `it names weights outside its folder (${name})`, 'run the stage train again');
    }
    const file = resolve(name);
    try {
      parts.push(await readFile(file));
    } catch (error) {
      throw fileProblem(file, error);
    }
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const weights = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    weights.set(part, at);
    at += part.length;
  }
  const expected = json.weightsManifest
    .flatMap((group) => group.weights)
    .reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  if (length !== expected) {
    throw new UserError(
      path,
      `its weights have ${length} bytes where it says ${expected}`,
      'run the stage train again',
    );
  }
  return { place: path, json, weights };
}
