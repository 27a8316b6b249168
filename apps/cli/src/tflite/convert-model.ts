import { assertReplaceable, UsageError, writeAtomically } from '@edgeguard/contracts';
import { convertLayersModel, readLayersModel } from '@edgeguard/tflite/layers';
import { writeModel } from '@edgeguard/tflite/model';
import type { ConvertOptions } from '../commands/tflite.ts';
import { namingFile } from './model-file.ts';
import { readRows } from './read-rows.ts';

/** `edgeguard tflite convert`. */
export async function convertModel(path: string, options: ConvertOptions): Promise<void> {
  const { precision, representative } = options;
  if ((precision === 'int8') !== (representative !== undefined)) {
    throw new UsageError('--precision int8 needs --representative rows, and nothing else does');
  }
  assertReplaceable(options.output);
  const rows = representative === undefined ? undefined : await readRows(representative);
  const bytes = await namingFile(path, async () => {
    const source = await readLayersModel(path);
    return writeModel(convertLayersModel(source, { precision, ...(rows ? { representative: [rows.values] } : {}) }));
  });
  await writeAtomically(options.output, bytes);
}
