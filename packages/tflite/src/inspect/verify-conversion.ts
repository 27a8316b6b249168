import type { EngineName } from '../engines/engine.ts';
import type { Precision } from '../layers/convert-precision.ts';
import { outputEntries } from '../model/prune.ts';
import type { EngineData } from '../model/tensor-types.ts';
import { elementCount, type Model } from '../model/types.ts';
import type { TensorRanges } from '../quantize/calibrate.ts';
import { layerCosts, tensorErrors, type LayerCost, type TensorError } from '../quantize/report.ts';
import { difference, largestMagnitude, runModel } from './compare.ts';
import { roundingLimit } from './rounding-limit.ts';
import { adversarialTrials, ordinaryTrial, type TrialRows } from './trial-rows.ts';

/** The source model as others compute it, such as TensorFlow.js. */
export interface SourceOracle {
  readonly name: string;
  /** Outputs for `count` rows, in the order of the converted model's. */
  run(inputs: readonly EngineData[], count: number): Promise<readonly EngineData[]>;
}

/** A model before and after it was brought to a precision, and what to compare it with. */
export interface VerifiedConversion {
  /** The converted model in float32. */
  readonly float: Model;
  readonly model: Model;
  readonly precision: Precision;
  /** For int8: the ranges, from which the cost of each layer alone is measured. */
  readonly ranges?: TensorRanges;
  /** Rows as the model will see them, one array for each input. Default: normal deviates. */
  readonly representative?: readonly EngineData[];
  readonly source?: SourceOracle;
}

/** One comparison of outputs. */
export interface VerifiedOutput {
  /** What computed: the oracle on the float32 form, or an engine on the model itself. Each against the reference engine. */
  readonly by: string;
  readonly of: 'float32 form' | 'model';
  readonly rows: string;
  readonly output: string;
  readonly largest: number;
  /** `largest` over the largest magnitude. */
  readonly relative: number;
  readonly limit: number;
  /** Share of the values that are not identical. */
  readonly share: number;
}

export interface ConversionVerification {
  readonly precision: Precision;
  /** Rows by group. */
  readonly rows: Readonly<Record<string, number>>;
  readonly outputs: readonly VerifiedOutput[];
  /** What the precision costs: tensors of the model against those of its float32 form, in the order of computation. */
  readonly layers: readonly TensorError[];
  /** For int8: what each layer alone costs at the outputs, the dearest first. */
  readonly layerCosts: readonly LayerCost[];
  /** What did not compute, by name, with the reason. */
  readonly missing: Readonly<Record<string, string>>;
  /** Why the model must not be used; empty where all is well. */
  readonly failures: readonly string[];
}

/**
 * Largest difference between engines, relative to the largest magnitude of the output. Of int8 every operator may be one
 * step of 255 off where kernels round differently, and later ones may enlarge it. Newer runtimes quantise the rows of
 * `dynamic` with a zero point, older ones without. In float, models with sums of more than 281 terms may differ by more: see
 * {@link roundingLimit}.
 */
export const ENGINE_LIMITS: Readonly<Record<Precision, number>> = {
  float32: 1e-5,
  float16: 1e-5,
  dynamic: 5e-2,
  int8: 0.15,
};

/**
 * Smallest magnitude that is tried. Kernels quantise the rows of `dynamic` by 127 over their largest magnitude, which
 * overflows below this one and gives NaN.
 */
const SMALLEST: Readonly<Record<Precision, number>> = { float32: 0, float16: 0, dynamic: 4e-37, int8: 0 };

/** At most so many representative rows are looked at, spread over all. */
const MOST_ROWS = 1024;
/** Rows for the cost of each layer, for which the model is computed once for each. */
const COST_ROWS = 128;
const ENGINES: readonly EngineName[] = ['native', 'wasm'];
/** Fewer independent computations than this verify nothing. */
const LEAST_INDEPENDENT = 2;

/**
 * Checks a conversion: the float32 form against an oracle for the source, the model against every other engine, on
 * representative rows and on adversarial ones, each with the reference engine between; and measures what the precision
 * costs, layer by layer. Fails where a difference is beyond {@link ENGINE_LIMITS}, or where fewer than two others computed.
 */
export async function verifyConversion(conversion: VerifiedConversion): Promise<ConversionVerification> {
  const { float, model, precision, source } = conversion;
  const representative = spread(float, conversion.representative);
  const trials = [
    representative ?? ordinaryTrial(float),
    ...adversarialTrials(float, representative?.inputs, SMALLEST[precision]),
  ];
  const outputs: VerifiedOutput[] = [];
  const missing: Record<string, string> = {};
  const floors = { float: 0, model: 0 };
  const rounding = roundingLimit(float);
  const inFloat = Math.max(ENGINE_LIMITS.float32, rounding);
  const inPrecision = Math.max(ENGINE_LIMITS[precision], rounding);
  for (const trial of trials) {
    const { inputs, count } = trial;
    if (source !== undefined) {
      const expected = await runModel(float, inputs, count, { engine: 'reference' });
      floors.float ||= largestOf(expected);
      const actual = await attempt(`${source.name}, ${trial.name}`, missing, () => source.run(inputs, count));
      if (actual)
        compare({ by: source.name, of: 'float32 form', rows: trial.name, limit: inFloat }, float, expected, actual);
    }
    const expected = await runModel(model, inputs, count, { engine: 'reference' });
    floors.model ||= largestOf(expected);
    for (const engine of ENGINES) {
      const actual = await attempt(engine, missing, () => runModel(model, inputs, count, { engine }));
      if (actual) compare({ by: engine, of: 'model', rows: trial.name, limit: inPrecision }, model, expected, actual);
    }
  }

  function compare(
    what: Pick<VerifiedOutput, 'by' | 'of' | 'rows' | 'limit'>,
    graph: Model,
    expected: readonly EngineData[],
    actual: readonly EngineData[],
  ): void {
    const quantized = what.of === 'model' && (precision === 'int8' || precision === 'dynamic');
    for (const [i, { name }] of outputEntries(graph).entries()) {
      const { largest, relative, share, magnitude } = difference(expected[i], actual[i]);
      // One step of int8 is a share of the range of ordinary outputs, however small these outputs are.
      const fair = quantized && magnitude < floors.model ? largest / floors.model : relative;
      outputs.push({ ...what, output: name, largest, relative: fair, share });
    }
  }

  if (source !== undefined) joinReasons(missing, source.name, trials);
  const [first] = trials;
  return {
    precision,
    rows: Object.fromEntries(trials.map(({ name, count }) => [name, count])),
    outputs,
    layers: precision === 'float32' ? [] : tensorErrors(float, model, first.inputs, first.count),
    layerCosts: conversion.ranges === undefined ? [] : costs(float, conversion.ranges, first),
    missing,
    failures: failuresOf(outputs),
  };
}

async function attempt<T>(
  name: string,
  missing: Record<string, string>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // Some say in many lines what to do in a browser.
    [missing[name]] = (error instanceof Error ? error.message : String(error)).split('\n');
    return undefined;
  }
}

/** Says once what is the matter with all rows of a source that computes none. */
function joinReasons(missing: Record<string, string>, source: string, trials: readonly TrialRows[]): void {
  const names = trials.map(({ name }) => `${source}, ${name}`);
  const reason = missing[names[0]];
  if (reason === undefined || names.some((name) => missing[name] !== reason)) return;
  for (const name of names) delete missing[name];
  missing[source] = `${reason} So no engine was compared with the source`;
}

function failuresOf(outputs: readonly VerifiedOutput[]): string[] {
  const failures = outputs.flatMap(({ by, of, rows, output, relative, limit }) =>
    relative <= limit
      ? []
      : [
          `output ${output} of the ${of}, ${rows}: ${by} is ${relative.toExponential(1)} of the largest magnitude ` +
            `from the reference engine, limit ${Number(limit.toPrecision(2))}`,
        ],
  );
  const independent = new Set(outputs.map(({ by }) => by));
  if (independent.size < LEAST_INDEPENDENT) {
    failures.push(`only ${independent.size} of the others computed the model, too few to compare with`);
  }
  return failures;
}

function costs(float: Model, ranges: TensorRanges, { inputs, count }: TrialRows): LayerCost[] {
  const rows = Math.min(count, COST_ROWS);
  const cut = inputs.map((input) => input.subarray(0, (input.length / count) * rows) as EngineData);
  return layerCosts(float, ranges, cut, rows);
}

/** At most {@link MOST_ROWS} of the rows, spread evenly. */
function spread(model: Model, inputs: readonly EngineData[] | undefined): TrialRows | undefined {
  if (inputs === undefined) return undefined;
  const [subgraph] = model.subgraphs;
  const widths = subgraph.inputs.map((index) => elementCount(subgraph.tensors[index].shape.slice(1)));
  const rows = inputs[0].length / widths[0];
  const count = Math.min(rows, MOST_ROWS);
  const chosen = inputs.map((input, k) => {
    const values = input.slice(0, count * widths[k]) as EngineData;
    for (let i = 0; i < count; i++) {
      const from = Math.floor((i * rows) / count) * widths[k];
      values.set(input.subarray(from, from + widths[k]), i * widths[k]);
    }
    return values;
  });
  return { name: 'representative', inputs: chosen, count };
}

function largestOf(outputs: readonly EngineData[]): number {
  return outputs.reduce((most, values) => Math.max(most, largestMagnitude(values)), 0);
}
