import { readFile } from 'node:fs/promises';
import { fileProblem, UserError } from '@edgeguard/contracts';
import { TfliteError } from '@edgeguard/tflite';
import { type Model, readModel, validateModel } from '@edgeguard/tflite/model';

/** Runs something that reads or computes models; its errors become one line that names the file. */
export async function namingFile<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TfliteError)) throw error;
    const named = `${path}: `;
    const problem = error.message.startsWith(named) ? error.message.slice(named.length) : error.message;
    throw new UserError(path, problem, 'make the model again, or use another', { cause: error });
  }
}

/** Reads a `.tflite` file and checks it. */
export async function readModelFile(path: string): Promise<Model> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileProblem(path, error);
  }
  return namingFile(path, () => {
    const model = readModel(bytes);
    validateModel(model, path);
    return model;
  });
}
