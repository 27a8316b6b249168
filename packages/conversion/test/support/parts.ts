import { join } from 'node:path';
import { readAutoencoderFiles } from '../../src/source/autoencoder-files.ts';
import { readDenseChain } from '../../src/source/dense-chain.ts';
import { SourceModel } from '../../src/source/source-model.ts';
import type { Fixture } from './fixture.ts';

async function files(fixture: Fixture): ReturnType<typeof readAutoencoderFiles> {
  const folder = join(fixture.artifacts, 'train');
  return readAutoencoderFiles(join(folder, 'model.json'), (name) => join(folder, name));
}

/** The fixture's autoencoder as TensorFlow.js computes it. */
export async function sourceModel(fixture: Fixture): Promise<SourceModel> {
  return SourceModel.load(await files(fixture));
}

/** The fixture's autoencoder as dense layers. */
export async function denseChain(fixture: Fixture): Promise<ReturnType<typeof readDenseChain>> {
  return readDenseChain(await files(fixture), fixture.transform.outputs.length);
}
