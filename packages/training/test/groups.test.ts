import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineConfigSchema, UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { describe, expect, it } from 'vitest';
import { clusterBySize } from '../src/groups/cluster.ts';
import { groupUnits } from '../src/groups/deal-units.ts';
import { findFeatureGroups, type NetworkGroups } from '../src/groups/feature-groups.ts';
import { type RowStore, RowStoreBuilder, trainAutoencoder, type TrainedAutoencoder } from '../src/index.ts';
import { TensorFlowGradients } from '../src/backend/tensorflow-gradients.ts';
import type { MakeGradients } from '../src/backend/gradient-backend.ts';
import { loadTensorFlow } from '../src/model/tensorflow.ts';

const pause = async (): Promise<void> => {};

/** Model inputs 4 to 6 are a one-hot block, so there are ten features. */
const OUTPUTS = [0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9];

/**
 * Features 0, 3 and 6 follow one hidden variable and 3 falls as it rises; 1, 4 (a category) and 5 a second; 2 and 7 a third; 8 is
 * constant; 9 is 1 in the first row alone, as is the last category.
 */
async function rowsOf(rows: number, seed: number): Promise<RowStore> {
  const random = new SeededRandom(seed);
  const width = OUTPUTS.length;
  const values = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const [a, b, c] = [random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5];
    const noise = (): number => 0.1 * (random.uniform() - 0.5);
    const [kind, first] = [b > 0 ? 1 : 0, row === 0];
    values.set(
      [a + noise(), b + noise(), c + noise(), noise() - a, first ? 0 : kind, first ? 0 : 1 - kind, first ? 1 : 0],
      row * width,
    );
    values.set([b + noise(), 2 * a + noise(), c + noise(), 3, first ? 1 : 0], row * width + 7);
  }
  const builder = new RowStoreBuilder(width, join(tmpdir(), 'unused.scratch'));
  await builder.append(values);
  return builder.finish();
}

describe('clusterBySize', () => {
  const line = (...places: number[]): Float64Array =>
    Float64Array.from(places.flatMap((a) => places.map((b) => Math.abs(a - b))));

  it('cuts what is too large into its parts, and those again', () => {
    const places = [0, 10, 1, 11, 30, 12.5];
    expect(clusterBySize(line(...places), 6, 6)).toEqual([[0, 1, 2, 3, 4, 5]]);
    expect(clusterBySize(line(...places), 6, 5)).toEqual([[0, 1, 2, 3, 5], [4]]);
    expect(clusterBySize(line(...places), 6, 3)).toEqual([[0, 2], [1, 3, 5], [4]]);
    expect(clusterBySize(line(...places), 6, 2)).toEqual([[0, 2], [1, 3], [4], [5]]);
    expect(clusterBySize(line(...places), 6, 1)).toEqual([[0], [1], [2], [3], [4], [5]]);
  });

  it('links by the mean distance, and equal distances in order', () => {
    // Single linkage would chain 3 to 1 and 2, 1.0 away from 2; on average it is nearer to 4.
    expect(clusterBySize(line(0, 1.1, 2.05, 3.05, 4.2), 5, 3)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(clusterBySize(new Float64Array(16).fill(1), 4, 2)).toEqual([[0, 1], [2], [3]]);
  });
});

describe('findFeatureGroups', () => {
  it('finds what correlates, whatever its sign, and keeps the inputs of a feature together', async () => {
    const groups = await findFeatureGroups(await rowsOf(5000, 1), OUTPUTS, 3, pause);
    expect(groups.features).toEqual([[0, 3, 6], [1, 4, 5], [2, 7], [8], [9]]);
    expect([...groups.ofInput]).toEqual([0, 1, 2, 0, 1, 1, 1, 1, 0, 2, 3, 4]);
  });

  it('looks at rows from all over a long split', async () => {
    // What correlates in the first half of the rows only is no group when the other half is looked at too.
    const rows = 600_000;
    const random = new SeededRandom(3);
    const values = new Float32Array(rows * 3);
    for (let row = 0; row < rows; row++) {
      const [a, b] = [random.uniform(), random.uniform()];
      values.set(row < rows / 2 ? [a, a, b] : [a, 1 - a, 1 - a], row * 3);
    }
    const builder = new RowStoreBuilder(3, join(tmpdir(), 'unused.scratch'));
    await builder.append(values);
    const { features } = await findFeatureGroups(builder.finish(), [0, 1, 2], 2, pause);
    expect(features).toEqual([[0], [1, 2]]);
  });
});

describe('groupUnits', () => {
  it('deals units in proportion to the inputs, and at least one', () => {
    const ofInput = Uint32Array.from([0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
    const counts = groupUnits(ofInput, [20, 10, 4, 3]).map((ofUnit) =>
      [0, 1, 2].map((group) => ofUnit.filter((own) => own === group).length),
    );
    expect(counts).toEqual([
      [6, 3, 1],
      [12, 6, 2],
      [6, 3, 1],
      [2, 1, 1],
      [1, 1, 1],
      [6, 3, 1],
    ]);
  });

  it('names the layer that is too narrow, and the remedy', () => {
    const group = (): unknown => groupUnits(Uint32Array.from([0, 1, 2]), [8, 2, 8]);
    expect(group).toThrow(UserError);
    expect(group).toThrow(
      /train\.network\.hidden: a layer of 2 units cannot serve 3 groups of features; give every layer at least 3, or raise train\.network\.groups\.largest/,
    );
  });
});

describe('a network with groups', () => {
  async function train(settings: Record<string, unknown>, makeGradients?: MakeGradients): Promise<TrainedAutoencoder> {
    const { train: config } = PipelineConfigSchema.parse({
      collect: { source: { kind: 'synthetic', durationSeconds: 1 } },
      train: {
        network: { hidden: [21, 9, 21], groups: { largest: 3 } },
        epochs: 6,
        batchSize: 64,
        learningRate: 0.01,
        ...settings,
      },
    });
    return trainAutoencoder({
      train: await rowsOf(2000, 1),
      validation: await rowsOf(300, 2),
      config,
      outputs: OUTPUTS,
      seed: 1,
      signal: new AbortController().signal,
      ...(makeGradients ? { makeGradients } : {}),
    });
  }

  /** How many weights between groups are other than 0, and how many within groups are 0. */
  function strays({ network, parameters }: TrainedAutoencoder, groups: NetworkGroups) {
    let [between, within, at] = [0, 0, 0];
    for (const [index, { inputs, outputs }] of network.layout.layers.entries()) {
      for (let input = 0; input < inputs; input++) {
        for (let output = 0; output < outputs; output++) {
          const same = groups.ofUnit[index]![input] === groups.ofUnit[index + 1]![output];
          if (same && parameters[at] === 0) within++;
          if (!same && parameters[at] !== 0) between++;
          at++;
        }
      }
      at += outputs;
    }
    return { between, within };
  }

  const everything = {
    network: { hidden: [21, 9, 21], groups: { largest: 3 }, dropout: 0.05 },
    denoising: 0.2,
    masking: 0.1,
    weightDecay: 0.05,
    trim: 0.02,
  };

  it('learns, and has no weight between groups', async () => {
    for (const settings of [{}, everything]) {
      const trained = await train(settings);
      expect(trained.history.at(-1)!.validation).toBeLessThan(0.7 * trained.history[0]!.validation);
      expect(trained.groups!.features.length).toBe(5);
      expect(strays(trained, trained.groups!)).toEqual({ between: 0, within: 0 });
    }
  });

  it('is the same on gradients by TensorFlow.js operations but for rounding', async () => {
    const { tf } = await loadTensorFlow();
    const kernels = await train(everything);
    const operations = await train(everything, (network, shape) => new TensorFlowGradients(tf, network, shape));
    expect(strays(operations, kernels.groups!)).toEqual({ between: 0, within: 0 });
    for (const [i, { validation }] of operations.history.entries()) {
      expect(validation / kernels.history[i]!.validation).toBeCloseTo(1, 2);
    }
  });

  it('reconstructs each group from its own inputs alone', async () => {
    const { network, groups, validation } = await train({});
    await validation.forEachWindow(pause, () => {});
    const before = network.reconstruct(network.order[0]!, 8).slice();
    const row = network.order[network.order[0]!]!;
    for (const [input, group] of groups!.ofInput.entries()) {
      if (group === 0) network.rows[row * network.stride + input]! += 1;
    }
    const after = network.reconstruct(network.order[0]!, 8).slice();
    const moved = [...groups!.ofInput.keys()].filter((input) => after[input] !== before[input]);
    expect(moved).toEqual([...groups!.ofInput.keys()].filter((input) => groups!.ofInput[input] === 0));
  });

  it('is the network without groups where there is one', async () => {
    const one = await train({ ...everything, network: { ...everything.network, groups: { largest: 10 } } });
    const { groups: _, ...network } = everything.network;
    const none = await train({ ...everything, network });
    expect(one.groups!.features.length).toBe(1);
    expect(one.parameters).toEqual(none.parameters);
  });

  it('refuses a layer that is too narrow', async () => {
    await expect(train({ network: { hidden: [8, 4, 8], groups: { largest: 3 } } })).rejects.toThrow(
      /a layer of 4 units cannot serve 5 groups/,
    );
  });
});
