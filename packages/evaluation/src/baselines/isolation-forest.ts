import { SeededRandom } from '@edgeguard/transform';
import type { Baseline } from './baseline.ts';
import type { TrainStatistics } from './train-statistics.ts';

const TREES = 100;
/** Rows that each tree is grown on. */
const TREE_ROWS = 256;
const MAX_DEPTH = Math.ceil(Math.log2(TREE_ROWS));
const EULER_GAMMA = 0.5772156649015329;

/** A tree as parallel arrays; node 0 is the root. A leaf has no children and holds the path length to add. */
interface Tree {
  readonly feature: Int32Array;
  readonly split: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Mean path length that the rows of a leaf would still have. */
  readonly rest: Float64Array;
}

/** How few random cuts set a row apart: isolation forest with the authors' settings (Liu, Ting, Zhou 2008). */
export function fitIsolationForest(train: TrainStatistics, seed: number): Baseline {
  const random = new SeededRandom(seed);
  const rowsPerTree = Math.min(TREE_ROWS, train.sampleRows);
  const trees = Array.from({ length: TREES }, () => growTree(train, rowsPerTree, random));
  const { width } = train;
  const usual = pathLength(rowsPerTree);
  return {
    name: 'isolation-forest',
    description: `isolation forest of ${TREES} trees on ${rowsPerTree} train rows each`,
    score: (rows, count, scores) => {
      for (let row = 0; row < count; row++) {
        let total = 0;
        for (const tree of trees) total += depthOf(tree, rows, row * width);
        scores[row] = usual === 0 ? 0 : 2 ** (-total / TREES / usual);
      }
    },
  };
}

function growTree({ sample, sampleRows, width }: TrainStatistics, rowsPerTree: number, random: SeededRandom): Tree {
  const order = Uint32Array.from({ length: sampleRows }, (_, row) => row);
  random.shuffle(order);
  const capacity = 2 ** (MAX_DEPTH + 1);
  const tree: Tree = {
    feature: new Int32Array(capacity).fill(-1),
    split: new Float64Array(capacity),
    left: new Int32Array(capacity),
    right: new Int32Array(capacity),
    rest: new Float64Array(capacity),
  };
  let nodes = 0;
  const grow = (rows: Uint32Array, depth: number): number => {
    const node = nodes++;
    const cut = depth < MAX_DEPTH && rows.length > 1 ? chooseCut(sample, width, rows, random) : undefined;
    if (!cut) {
      tree.rest[node] = depth + pathLength(rows.length);
      return node;
    }
    const [feature, split] = cut;
    tree.feature[node] = feature;
    tree.split[node] = split;
    tree.left[node] = grow(
      rows.filter((row) => sample[row * width + feature]! < split),
      depth + 1,
    );
    tree.right[node] = grow(
      rows.filter((row) => sample[row * width + feature]! >= split),
      depth + 1,
    );
    return node;
  };
  grow(order.subarray(0, rowsPerTree), 0);
  return tree;
}

/** A random feature among those that vary and a random value between its ends; nothing when no feature varies. */
function chooseCut(
  sample: Float32Array,
  width: number,
  rows: Uint32Array,
  random: SeededRandom,
): readonly [feature: number, split: number] | undefined {
  const start = random.below(width);
  for (let step = 0; step < width; step++) {
    const feature = (start + step) % width;
    let low = Infinity;
    let high = -Infinity;
    for (const row of rows) {
      const value = sample[row * width + feature]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low < high) return [feature, low + (high - low) * (1 - random.uniform())];
  }
  return undefined;
}

function depthOf(tree: Tree, rows: Float32Array, start: number): number {
  let node = 0;
  for (let feature = tree.feature[0]!; feature >= 0; feature = tree.feature[node]!) {
    node = rows[start + feature]! < tree.split[node]! ? tree.left[node]! : tree.right[node]!;
  }
  return tree.rest[node]!;
}

/** Mean path length of an unsuccessful search in a binary search tree of so many rows (equation 1 of the paper). */
function pathLength(rows: number): number {
  if (rows <= 1) return 0;
  return rows === 2 ? 1 : 2 * (Math.log(rows - 1) + EULER_GAMMA) - (2 * (rows - 1)) / rows;
}
