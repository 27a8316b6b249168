/** A generalised Pareto distribution of what lies above a level: P(excess > y) = (1 + shape y / scale)^(-1 / shape). */
export interface GeneralisedPareto {
  /** Above 0 the tail is heavy, below 0 it ends, at 0 it is exponential. */
  readonly shape: number;
  readonly scale: number;
}

/** Below a shape of -1/2 the likelihood is not regular (Smith 1985): no fit goes beyond. */
const SMALLEST_SHAPE = -0.5;
const GRID = 40;
const REFINEMENTS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The chance that an excess is greater than y. */
export function survival({ shape, scale }: GeneralisedPareto, y: number): number {
  if (y <= 0) return 1;
  if (Math.abs(shape) < 1e-9) return Math.exp(-y / scale);
  const base = 1 + (shape * y) / scale;
  return base <= 0 ? 0 : base ** (-1 / shape);
}

/** The excess that is exceeded with a chance. */
export function excessAt({ shape, scale }: GeneralisedPareto, chance: number): number {
  return Math.abs(shape) < 1e-9 ? -scale * Math.log(chance) : (scale / shape) * Math.expm1(-shape * Math.log(chance));
}

/**
 * The fit of maximum likelihood, by the profile in theta = shape / scale alone (Davison 1984; Grimshaw 1993), searched on a
 * grid and then by golden section, so that no start can lead astray. `excesses` are positive.
 */
export function fitGeneralisedPareto(excesses: ArrayLike<number>): GeneralisedPareto {
  const n = excesses.length;
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    sum += excesses[i]!;
    largest = Math.max(largest, excesses[i]!);
  }
  const mean = sum / n;
  const median = medianOf(excesses);
  if (!(mean > 0)) throw new RangeError('a tail needs positive excesses');
  const at = (theta: number): GeneralisedPareto => {
    if (Math.abs(theta * mean) < 1e-9) return { shape: 0, scale: mean };
    let shape = 0;
    for (let i = 0; i < n; i++) shape += Math.log1p(theta * excesses[i]!);
    shape /= n;
    return { shape, scale: shape / theta };
  };
  const likelihood = (theta: number): number => {
    const { shape, scale } = at(theta);
    return shape < SMALLEST_SHAPE ? Number.NEGATIVE_INFINITY : -Math.log(scale) - shape - 1;
  };
  // Steps in s, with theta = s / largest for s < 0, where -1 is the end, and geometric in s / median above (the mean may not exist).
  const thetaOf = (s: number): number => (s < 0 ? (s * (1 - 1e-9)) / largest : Math.expm1(s) / median);
  return at(thetaOf(maximise((s) => likelihood(thetaOf(s)), -1, 6)));
}

/**
 * The largest log likelihood of excesses among the distributions that exceed `excess` with a chance: theta = shape / scale
 * then decides the shape, so one number is searched.
 */
export function profileOfExcess(excesses: ArrayLike<number>, chance: number, excess: number): number {
  const largest = excesses[excesses.length - 1]!;
  const likelihood = (theta: number): number => {
    const near = Math.abs(theta * excess) < 1e-9;
    const shape = near ? 0 : Math.log1p(theta * excess) / -Math.log(chance);
    const scale = near ? excess / -Math.log(chance) : shape / theta;
    if (!(scale > 0) || shape < SMALLEST_SHAPE) return Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = 0; i < excesses.length; i++) sum += near ? excesses[i]! : Math.log1p(theta * excesses[i]!);
    return -excesses.length * Math.log(scale) - sum * (near ? 1 / scale : 1 + 1 / shape);
  };
  const median = medianOf(excesses);
  const bound = 1 / Math.max(largest, excess);
  const thetaOf = (s: number): number => (s < 0 ? s * (1 - 1e-9) * bound : Math.expm1(s) / median);
  return likelihood(thetaOf(maximise((s) => likelihood(thetaOf(s)), -1, 6)));
}

function medianOf(values: ArrayLike<number>): number {
  return Float64Array.from(values).sort()[values.length >> 1]!;
}

/** Where a function of one number is largest: the best of a grid, refined by golden section. */
function maximise(of: (s: number) => number, from: number, to: number): number {
  const step = (to - from) / GRID;
  let best = from;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i <= GRID; i++) {
    const value = of(from + i * step);
    if (value > highest) [best, highest] = [from + i * step, value];
  }
  let low = Math.max(from, best - step);
  let high = best + step;
  for (let i = 0; i < REFINEMENTS; i++) {
    const left = high - GOLDEN * (high - low);
    const right = low + GOLDEN * (high - low);
    if (of(left) >= of(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

/** The statistic of Anderson and Darling of ascending excesses against a distribution; it weighs the tail. */
export function andersonDarling(sorted: ArrayLike<number>, model: GeneralisedPareto): number {
  const n = sorted.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const below = 1 - survival(model, sorted[i]!);
    const above = survival(model, sorted[n - 1 - i]!);
    sum += (2 * i + 1) * (Math.log(Math.max(below, 1e-300)) + Math.log(Math.max(above, 1e-300)));
  }
  return -n - sum / n;
}
