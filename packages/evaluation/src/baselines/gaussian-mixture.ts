import { SeededRandom } from '@edgeguard/transform';
import type { Baseline } from './baseline.ts';
import type { TrainStatistics } from './train-statistics.ts';

const COMPONENTS = 8;
const ITERATIONS = 50;
/** EM stops when the mean log-likelihood grows by less. */
const TOLERANCE = 1e-4;
/** Smallest variance of a component, as for the z-score. */
const VARIANCE_FLOOR = 0.05 ** 2;

/** log density(x) = constant - sum of (x - mean)^2 * precision. */
interface Component {
  /** -Infinity when nothing is left of the component. */
  constant: number;
  readonly mean: Float64Array;
  /** 1 / (2 * variance). */
  readonly precision: Float64Array;
}

/** Negative log-likelihood under a mixture of Gaussians with diagonal covariance, fitted by EM on a train sample. */
export function fitGaussianMixture(train: TrainStatistics, seed: number): Baseline {
  const components = expectationMaximisation(train, seed);
  const { width } = train;
  const logs = new Float64Array(components.length);
  return {
    name: 'gaussian-mixture',
    description: `negative log-likelihood under a mixture of ${components.length} Gaussians with diagonal covariance`,
    score: (rows, count, scores) => {
      for (let row = 0; row < count; row++) {
        for (const [k, component] of components.entries()) logs[k] = logDensity(component, rows, row * width);
        scores[row] = -logSum(logs);
      }
    },
  };
}

function expectationMaximisation({ sample, sampleRows, width }: TrainStatistics, seed: number): Component[] {
  const components = initialise(sample, sampleRows, width, seed);
  const logs = new Float64Array(components.length);
  const shares = components.map(() => new Float64Array(sampleRows));
  let before = -Infinity;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    let likelihood = 0;
    for (let row = 0; row < sampleRows; row++) {
      for (const [k, component] of components.entries()) logs[k] = logDensity(component, sample, row * width);
      const total = logSum(logs);
      likelihood += total / sampleRows;
      for (let k = 0; k < logs.length; k++) shares[k]![row] = Math.exp(logs[k]! - total);
    }
    for (const [k, component] of components.entries()) refit(component, sample, sampleRows, width, shares[k]!);
    if (likelihood - before < TOLERANCE) break;
    before = likelihood;
  }
  return components.filter(({ constant }) => Number.isFinite(constant));
}

/** Means by k-means++ seeding (Arthur and Vassilvitskii 2007), so that no two start in the same crowd. */
function initialise(sample: Float32Array, rows: number, width: number, seed: number): Component[] {
  const random = new SeededRandom(seed);
  const distance = new Float64Array(rows).fill(Infinity);
  const components: Component[] = [];
  let chosen = random.below(rows);
  while (components.length < Math.min(COMPONENTS, rows)) {
    const mean = Float64Array.from(sample.subarray(chosen * width, (chosen + 1) * width));
    components.push({ constant: 0, mean, precision: new Float64Array(width).fill(0.5) });
    let total = 0;
    for (let row = 0; row < rows; row++) {
      let squared = 0;
      for (let j = 0; j < width; j++) squared += (sample[row * width + j]! - mean[j]!) ** 2;
      distance[row] = Math.min(distance[row]!, squared);
      total += distance[row]!;
    }
    if (total === 0) break;
    let left = random.uniform() * total;
    chosen = 0;
    while (chosen < rows - 1 && (left -= distance[chosen]!) > 0) chosen++;
  }
  return components;
}

function refit(component: Component, sample: Float32Array, rows: number, width: number, share: Float64Array): void {
  let total = 0;
  component.mean.fill(0);
  for (let row = 0; row < rows; row++) {
    total += share[row]!;
    for (let j = 0; j < width; j++) component.mean[j]! += share[row]! * sample[row * width + j]!;
  }
  if (total < 1e-9) {
    component.constant = -Infinity;
    return;
  }
  const variance = new Float64Array(width);
  for (let j = 0; j < width; j++) component.mean[j]! /= total;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < width; j++) {
      variance[j]! += (share[row]! / total) * (sample[row * width + j]! - component.mean[j]!) ** 2;
    }
  }
  component.constant = Math.log(total / rows);
  for (let j = 0; j < width; j++) {
    const kept = Math.max(VARIANCE_FLOOR, variance[j]!);
    component.constant -= Math.log(2 * Math.PI * kept) / 2;
    component.precision[j] = 1 / (2 * kept);
  }
}

function logDensity({ constant, mean, precision }: Component, rows: Float32Array, start: number): number {
  let log = constant;
  for (let j = 0; j < mean.length; j++) {
    const difference = rows[start + j]! - mean[j]!;
    log -= difference * difference * precision[j]!;
  }
  return log;
}

/** log of the sum of exponentials, without overflow. */
function logSum(logs: Float64Array): number {
  let largest = -Infinity;
  for (const log of logs) if (log > largest) largest = log;
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - largest);
  return largest + Math.log(sum);
}
