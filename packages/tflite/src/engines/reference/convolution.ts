import type { Conv2dOptions } from '../../model/operator-options.ts';
import { windowPlan } from '../../model/window.ts';
import { int8Range } from './fixed-point.ts';
import {
  float32,
  floatRange,
  int8,
  options,
  scaleOf,
  slot,
  zeroPointOf,
  type Kernel,
  type KernelContext,
} from './kernel.ts';
import { requantizer } from './requantize.ts';

/** Sizes of a two-dimensional convolution, batch by height by width by channels. */
interface ConvolutionPlan {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly top: number;
  readonly left: number;
  readonly o: Conv2dOptions;
  /** Output channels of one input channel for DEPTHWISE_CONV_2D; 0 for CONV_2D. */
  readonly multiplier: number;
}

function plan(context: KernelContext): ConvolutionPlan {
  const input = slot(context, 0).shape;
  const filter = slot(context, 1).shape;
  const output = context.outputs[0].shape;
  const o = options(context, 'CONV_2D');
  const depthwise = context.operator.op === 'DEPTHWISE_CONV_2D';
  return {
    batch: input[0],
    inputHeight: input[1],
    inputWidth: input[2],
    inputChannels: input[3],
    outputHeight: output[1],
    outputWidth: output[2],
    outputChannels: output[3],
    filterHeight: filter[1],
    filterWidth: filter[2],
    top: windowPlan(input[1], filter[1], o.strideHeight, o.dilationHeight, o.padding).before,
    left: windowPlan(input[2], filter[2], o.strideWidth, o.dilationWidth, o.padding).before,
    o,
    multiplier: depthwise ? options(context, 'DEPTHWISE_CONV_2D').depthMultiplier : 0,
  };
}

/**
 * Calls `finish(sum, channel, position)` for each output element with the sum of products over its window, each input
 * value shifted by `inputOffset`. Elements in the padding add nothing.
 */
function convolve(
  p: ConvolutionPlan,
  x: Float32Array | Int8Array,
  weights: Float32Array | Int8Array,
  inputOffset: number,
  finish: (sum: number, channel: number, position: number) => void,
): void {
  let position = 0;
  for (let n = 0; n < p.batch; n++) {
    for (let oy = 0; oy < p.outputHeight; oy++) {
      for (let ox = 0; ox < p.outputWidth; ox++) {
        for (let channel = 0; channel < p.outputChannels; channel++) {
          let sum = 0;
          for (let fy = 0; fy < p.filterHeight; fy++) {
            const iy = oy * p.o.strideHeight - p.top + fy * p.o.dilationHeight;
            if (iy < 0 || iy >= p.inputHeight) continue;
            for (let fx = 0; fx < p.filterWidth; fx++) {
              const ix = ox * p.o.strideWidth - p.left + fx * p.o.dilationWidth;
              if (ix < 0 || ix >= p.inputWidth) continue;
              const pixel = ((n * p.inputHeight + iy) * p.inputWidth + ix) * p.inputChannels;
              if (p.multiplier > 0) {
                const from = pixel + Math.floor(channel / p.multiplier);
                sum += (x[from] + inputOffset) * weights[(fy * p.filterWidth + fx) * p.outputChannels + channel];
                continue;
              }
              const tap = ((channel * p.filterHeight + fy) * p.filterWidth + fx) * p.inputChannels;
              for (let c = 0; c < p.inputChannels; c++) sum += (x[pixel + c] + inputOffset) * weights[tap + c];
            }
          }
          finish(sum, channel, position);
          position++;
        }
      }
    }
  }
}

/** CONV_2D and DEPTHWISE_CONV_2D, float32 or int8 with one weight scale per tensor or per output channel. */
export function convolution(context: KernelContext): Kernel {
  return slot(context, 0).type === 'int8' ? convolutionInt8(context) : convolutionFloat(context);
}

function convolutionFloat(context: KernelContext): Kernel {
  const p = plan(context);
  const x = float32(slot(context, 0));
  const weights = float32(slot(context, 1));
  const bias = context.inputs[2] === undefined ? new Float32Array(p.outputChannels) : float32(context.inputs[2]);
  const y = float32(context.outputs[0]);
  const [low, high] = floatRange(p.o.activation);
  const finish = (sum: number, channel: number, position: number): void => {
    const value = sum + bias[channel];
    y[position] = value < low ? low : value > high ? high : value;
  };
  return () => convolve(p, x, weights, 0, finish);
}

function convolutionInt8(context: KernelContext): Kernel {
  const p = plan(context);
  const input = slot(context, 0);
  const filter = slot(context, 1);
  const [output] = context.outputs;
  const x = int8(input);
  const weights = int8(filter);
  const bias = (context.inputs[2]?.data as Int32Array | undefined) ?? new Int32Array(p.outputChannels);
  const y = int8(output);
  const outputZero = zeroPointOf(output);
  const scales = filter.quantization?.scale ?? [1];
  const [low, high] = int8Range(p.o.activation, scaleOf(output), outputZero);
  const requantizers = Array.from({ length: p.outputChannels }, (_, channel) => {
    const scale = (scaleOf(input) * scales[scales.length === 1 ? 0 : channel]) / scaleOf(output);
    return requantizer(context.rounding, scale, outputZero, low, high);
  });
  // Sums of products of bytes stay below 2^53: doubles hold them exactly until they are cut to int32.
  const finish = (sum: number, channel: number, position: number): void => {
    y[position] = requantizers[channel]((sum + bias[channel]) | 0);
  };
  const inputOffset = -zeroPointOf(input);
  return () => convolve(p, x, weights, inputOffset, finish);
}
