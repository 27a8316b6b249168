import { TfliteError } from '../error.ts';
import type { EngineData } from '../model/tensor-types.ts';
import type { Model } from '../model/types.ts';
import { calibrateModel, type TensorRanges } from '../quantize/calibrate.ts';
import { toDynamicRange } from '../quantize/dynamic.ts';
import { toFloat16 } from '../quantize/float16.ts';
import { toInt8, type Int8Report } from '../quantize/int8.ts';
import type { RangeMethod } from '../quantize/range.ts';
import { convertToFloat32, type ConvertOptions } from './convert.ts';
import type { LayersModel } from './layers-model.ts';

/** How the numbers of a converted model are stored and computed. */
export type Precision = 'float32' | 'float16' | 'dynamic' | 'int8';

export interface PrecisionOptions extends ConvertOptions {
  /** Default `float32`. */
  readonly precision?: Precision;
  /** For int8: representative rows, one array for each input, all with the same number of rows. Never test rows. */
  readonly representative?: readonly EngineData[];
  /** For int8: how ranges are chosen. Default min-max. */
  readonly ranges?: RangeMethod;
  /** For int8: names of layers that stay float, such as the first and the last; one that computes nothing is refused. */
  readonly keepFloat?: readonly string[];
  /** For dynamic: dense weights with fewer elements stay float. Default 1024. */
  readonly minElements?: number;
}

/** A converted model, and what quantisation chose where it was asked for. */
export interface Conversion {
  readonly model: Model;
  readonly precision: Precision;
  readonly ranges?: TensorRanges;
  readonly int8?: Int8Report;
}

/**
 * Converts a LayersModel to a TensorFlow Lite model with an open batch and the signature `serving_default`. Layers that
 * only matter in training are removed, batch normalisation is folded into the layer before it. Inputs and outputs are
 * float32 in every precision.
 *
 * Throws `TfliteError` that names the layer where one is not supported.
 */
export function convertLayersModel(source: LayersModel, options: PrecisionOptions = {}): Model {
  return convertWithReport(source, options).model;
}

/** As `convertLayersModel`, with the ranges that were chosen and the operators that were quantised. */
export function convertWithReport(source: LayersModel, options: PrecisionOptions = {}): Conversion {
  const precision = options.precision ?? 'float32';
  const float = convertToFloat32(source, options);
  switch (precision) {
    case 'float32':
      return { model: float, precision };
    case 'float16':
      return { model: toFloat16(float), precision };
    case 'dynamic':
      return {
        model: toDynamicRange(float, options.minElements === undefined ? {} : { minElements: options.minElements }),
        precision,
      };
    case 'int8': {
      if (options.representative === undefined)
        throw new TfliteError(`model ${source.name}`, 'needs representative rows for int8');
      const ranges = calibrateModel(float, options.representative, options.ranges);
      const { model, report } = toInt8(
        float,
        ranges,
        options.keepFloat === undefined ? {} : { keepFloat: options.keepFloat },
      );
      return { model, precision, ranges, int8: report };
    }
  }
}
