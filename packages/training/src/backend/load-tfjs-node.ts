import { UserError } from '@edgeguard/contracts';
import type * as tfCore from '@tensorflow/tfjs-core';

/** What is used of tfjs-node: the operations of tfjs-core on its backend, and its version. */
export type TfjsNode = typeof tfCore & { readonly version: { readonly 'tfjs-node': string } };

const PACKAGE = '@tensorflow/tfjs-node';

/**
 * Loads the optional peer `@tensorflow/tfjs-node`. Nothing falls back to another backend in silence: what trained a model decides its bits.
 *
 * @throws UserError when it is not installed, or when its library was not downloaded or built
 */
export async function loadTfjsNode(load: (name: string) => Promise<unknown> = importByName): Promise<TfjsNode> {
  try {
    const module = (await load(PACKAGE)) as { default?: TfjsNode } & TfjsNode;
    const tf = module.default ?? module;
    await tf.setBackend('tensorflow');
    return tf;
  } catch (error) {
    const [problem] = String((error as Error).message).split('\n');
    throw new UserError(
      'train.backend',
      `"tfjs-node" needs ${PACKAGE}, which cannot be loaded (${problem})`,
      `leave train.backend out, or install it as packages/training/README.md says`,
      { cause: error },
    );
  }
}

/** By a name that is no literal: type checks and bundlers must not look for what may be absent. */
async function importByName(name: string): Promise<unknown> {
  return import(name);
}
