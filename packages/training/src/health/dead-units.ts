import type { TrainedAutoencoder } from '../loop/train-autoencoder.ts';
import type { Pause } from '../loop/windowed-rows.ts';

/** Hidden units of a layer that carry nothing. */
export interface DeadUnits {
  /** From 1, the first behind the input. */
  readonly layer: number;
  readonly dead: number;
  readonly units: number;
}

/** Layers with units that give one value for every validation row, such as a ReLU that never opens. */
export async function deadUnits({ network, validation }: TrainedAutoencoder, pause: Pause): Promise<DeadUnits[]> {
  const hidden = network.layout.layers.slice(0, -1);
  const first = hidden.map(({ outputs }) => new Float32Array(outputs));
  const alive = hidden.map(({ outputs }) => new Uint8Array(outputs));
  let started = false;
  await validation.forEachPart(pause, (start, count) => {
    network.reconstruct(start, count);
    for (const [index, { outputs, paddedOutputs }] of hidden.entries()) {
      const values = network.hidden(index);
      if (!started) first[index]!.set(values.subarray(0, outputs));
      for (let row = 0; row < count; row++) {
        for (let unit = 0; unit < outputs; unit++) {
          if (values[row * paddedOutputs + unit] !== first[index]![unit]) alive[index]![unit] = 1;
        }
      }
    }
    started = true;
  });
  return hidden
    .map(({ outputs }, index) => ({
      layer: index + 1,
      dead: outputs - alive[index]!.reduce((sum, value) => sum + value, 0),
      units: outputs,
    }))
    .filter(({ dead }) => dead > 0);
}
